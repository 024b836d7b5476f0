//! Promise: `js/globals.d.ts` says what scripts find, and the examples agree with it and with Cloudflare's own types.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::{Node, Tenant, Upload, pinned_node, repository, run_for};

/// Both ways: what is declared is there, and what is there compiles as TypeScript under the declarations.
#[tokio::test]
async fn the_declarations_name_what_is_there() {
    let tenant = Tenant::create(&Node::shared(), "types").await;
    tenant.limit(json!({ "cpu_ms": 5_000 })).await;
    tenant.deploy("types", Upload::fixture("types.js")).await;
    let declarations = std::fs::read_to_string(ours()).expect("the declarations");
    let request = tenant.edge.request(Method::POST, tenant.url("types", "/")).body(declarations);
    let answer = request.send().await.expect("an answer").text().await.expect("a body");
    let answer: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert_eq!(answer["missing"], json!([]), "declared and not there");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let uses = folder.path().join("uses.ts");
    std::fs::write(&uses, answer["uses"].as_str().expect("TypeScript")).expect("a file");
    compile(folder.path(), &[ours(), uses]).await;
}

/// Each as it stands, JavaScript too.
#[tokio::test]
async fn the_examples_agree_with_our_types_and_with_cloudflares() {
    let cloudflares = clients().join("@cloudflare/workers-types/index.d.ts");
    for types in [ours(), cloudflares] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // Wrangler declares the modules that are no scripts.
        let modules = folder.path().join("modules.d.ts");
        let wasm = "declare module '*.wasm' {\n  const module: WebAssembly.Module;\n  export default module;\n}\n";
        std::fs::write(&modules, if types == ours() { "" } else { wasm }).expect("a file");
        let mut files = vec![types, modules];
        files.extend(examples());
        compile(folder.path(), &files).await;
    }
}

/// Runs TypeScript's compiler, which must have nothing to say.
async fn compile(folder: &Path, files: &[PathBuf]) {
    let options = json!({
        "compilerOptions": {
            "target": "esnext", "module": "esnext", "moduleResolution": "bundler", "lib": ["esnext"], "types": [],
            "strict": true, "noImplicitAny": false, "noEmit": true, "allowJs": true, "checkJs": true, "resolveJsonModule": true,
            "paths": { "hono": [clients().join("hono/dist/types/index.d.ts")] },
        },
        "files": files,
    });
    std::fs::write(folder.join("tsconfig.json"), options.to_string()).expect("a file");
    let mut compiler = Command::new(pinned_node());
    compiler.arg(clients().join("typescript/bin/tsc")).arg("-p").arg(folder);
    let output = run_for(&mut compiler, Duration::from_secs(120)).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn ours() -> PathBuf {
    repository().join("js/globals.d.ts")
}

fn clients() -> PathBuf {
    repository().join("tests/clients/node_modules")
}

/// The main module of every example.
fn examples() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(repository().join("examples")).expect("the examples");
    let mut found = Vec::new();
    for folder in folders.map(|entry| entry.expect("an example").path()) {
        let main = ["index.js", "src/index.js", "src/index.ts"].map(|file| folder.join(file));
        found.push(main.into_iter().find(|file| file.exists()).expect("a main module"));
    }
    found
}
