//! Promise: no key of a wrangler configuration is passed over in silence.

use futures::StreamExt as _;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::cli::Shell;
use crate::harness::{PATIENCE, client, repository, run_for};

/// Every key of wrangler's own schema that is not honoured, one at a time: refused by its name, or named in a warning.
#[tokio::test]
async fn every_key_is_taken_refused_or_warned_of() {
    let schema = repository().join("tests/clients/node_modules/wrangler/config-schema.json");
    let schema: Value =
        serde_json::from_slice(&std::fs::read(schema).expect("scripts/ensure-tools test")).expect("JSON");
    let keys = schema["definitions"]["RawConfig"]["properties"].as_object().expect("keys");
    assert!(keys.len() > 80 && HONOURED.iter().all(|key| keys.contains_key(*key)));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut tries = Vec::new();
    for (key, definition) in keys.iter().filter(|(key, _)| !HONOURED.contains(&key.as_str())) {
        let sample = match definition["type"].as_str() {
            Some("boolean") => json!(true),
            Some("string") => json!("x"),
            Some("array") => json!([{ "binding": "X" }]),
            _ => json!({ "binding": "X" }),
        };
        let mut config = json!({ "name": "keys", "main": "a.js" });
        config[key.as_str()] = sample;
        let project = folder.path().join(key);
        std::fs::create_dir(&project).expect("a folder");
        std::fs::write(project.join("a.js"), "export default { fetch() {} };").expect("writes");
        std::fs::write(project.join("wrangler.json"), config.to_string()).expect("writes");
        tries.push(async move {
            let mut command = Command::new(env!("CARGO_BIN_EXE_eyot"));
            let output = run_for(command.args(["deploy", "--dry-run"]).current_dir(&project), PATIENCE).await;
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(&format!("`{key}`")), "{key}: {}, {said}", output.status);
        });
    }
    futures::stream::iter(tries).for_each_concurrent(4, |one| one).await;
}

/// One project with the keys of the bundler, of assets and of where it is served, deployed three times.
#[tokio::test]
async fn what_a_configuration_says_is_what_runs() {
    let shell = Shell::new();
    let config = "name = \"honoured\"\nmain = \"src/index.tsx\"\ncompatibility_date = \"2026-01-01\"\nminify = true\n\
         keep_names = true\njsx_factory = \"h\"\njsx_fragment = \"Part\"\ntsconfig = \"config/ts.json\"\n";
    let tables = "[define]\nVERSION = '\"1.2\"'\n[alias]\n\"the-greeting\" = \"./src/greeting.ts\"\n\
         [assets]\ndirectory = \"public\"\n";
    let file = shell.file("honoured/wrangler.toml", &format!("{config}{tables}[vars]\nWHO = \"world\"\n"));
    let folder = file.parent().expect("its folder").to_path_buf();
    let project = folder.to_str().expect("a plain path");
    let modules = repository().join("tests/clients/node_modules");
    std::os::unix::fs::symlink(modules, folder.join("node_modules")).expect("a link to a project's esbuild");
    shell.file("honoured/config/ts.json", r#"{ "compilerOptions": { "paths": { "@/*": ["../src/*"] } } }"#);
    shell.file("honoured/src/greeting.ts", "export const greeting: string = 'hello';");
    shell.file("honoured/src/mark.ts", "export const mark = 'marked' as const;");
    shell.file("honoured/public/.assetsignore", "secret.txt\n");
    shell.file("honoured/public/secret.txt", "secret");
    shell.file("honoured/public/open.txt", "open");
    shell.file(
        "honoured/src/index.tsx",
        "import { greeting } from 'the-greeting';
         import { mark } from '@/mark';
         const Part = () => 'part';
         const h = (tag, _props, ...children) => `<${typeof tag === 'function' ? tag() : tag}>${children.join('')}`;
         function aLongName() {}
         export default { fetch(_request: Request, env) {
           return Response.json([VERSION, greeting, mark, <><b>x</b></>, aLongName.name, env.WHO]);
         } };",
    );
    let printed = shell.ok(&["deploy", project]).await;
    let url = printed.lines().find(|line| line.starts_with("https://")).expect("where it serves").to_owned();
    let ask = async |path: &str| {
        let answer = client(&shell.node).get(format!("{url}{path}")).send().await.expect("an answer");
        (answer.status().as_u16(), answer.text().await.expect("a body"))
    };
    let made = r#"["1.2","hello","marked","<part><b>x","aLongName","world"]"#;
    assert_eq!(ask("").await, (200, made.to_owned()));
    assert_eq!(ask("open.txt").await, (200, "open".to_owned()));
    assert_eq!(ask("secret.txt").await, (200, made.to_owned()), "it is no asset");

    shell.file("honoured/wrangler.toml", &format!("{config}keep_vars = true\n{tables}"));
    shell.ok(&["deploy", project]).await;
    assert_eq!(ask("").await, (200, made.to_owned()), "the variable is kept");
    shell.file("honoured/wrangler.toml", &format!("{config}workers_dev = false\npreview_urls = false\n{tables}"));
    shell.ok(&["deploy", project]).await;
    assert_eq!(ask("").await.0, 404, "it is not served under its name");
}

/// Keys that mean here what they mean to wrangler.
const HONOURED: &[&str] = &[
    "$schema",
    "alias",
    "assets",
    "compatibility_date",
    "compatibility_flags",
    "define",
    "env",
    "jsx_factory",
    "jsx_fragment",
    "keep_names",
    "keep_vars",
    "kv_namespaces",
    "limits",
    "main",
    "minify",
    "name",
    "no_bundle",
    "preview_urls",
    "ratelimits",
    "route",
    "routes",
    "rules",
    "services",
    "triggers",
    "tsconfig",
    "vars",
    "version_metadata",
    "workers_dev",
];
