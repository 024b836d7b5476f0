//! Promise: CommonJS modules load each other as Node.js has it, and ES modules reach them.

use serde_json::{Value, json};

use crate::harness::{Node, Tenant, Upload};
use crate::plain_start::ANSWER_WASM;

const COMMON_JS: &str = "application/javascript";

async fn answer(tenant: &Tenant, script: &str, path: &str) -> Value {
    serde_json::from_str(&tenant.text(script, path).await).expect("JSON")
}

/// A main module in CommonJS: siblings, folders, JSON, text, data, a cycle, and a `require` at request time.
#[tokio::test]
async fn commonjs_modules_require_each_other() {
    let tenant = Tenant::create(&Node::shared(), "commonjs").await;
    let main = "
        const { double } = require('./lib');
        const config = require('./config.json');
        const a = require('./cycle/a');
        module.exports = {
            fetch() {
                const late = require('./late.js');
                return Response.json([
                    double(2), config.key, require('./hello.txt'), new Uint8Array(require('./bytes.bin')).length,
                    a.name, a.sawB, late === require('./late'), late.count, require.main === module,
                    __filename, __dirname, require('./lib/where'), require.resolve('./lib'),
                ]);
            },
        };";
    let upload = Upload::modules("index.js")
        .with("index.js", COMMON_JS, main)
        .with("lib/index.js", COMMON_JS, "exports.double = (x) => x * require('./factor').factor;")
        .with("lib/factor.js", COMMON_JS, "this.factor = 21;")
        .with("lib/where.js", COMMON_JS, "module.exports = `${__filename} in ${__dirname} ${module.loaded}`;")
        .with("cycle/a.js", COMMON_JS, "exports.name = 'a'; exports.sawB = require('./b').sawA;")
        .with("cycle/b.js", COMMON_JS, "exports.sawA = 'saw ' + require('./a').name;")
        .with("late.js", COMMON_JS, "globalThis.loads = (globalThis.loads ?? 0) + 1; exports.count = globalThis.loads;")
        .with("config.json", "application/json", "{\"key\":\"value\"}")
        .with("hello.txt", "text/plain", "hello")
        .with("bytes.bin", "application/octet-stream", [0, 255]);
    tenant.deploy("node", upload).await;
    let expected = json!([
        42,
        "value",
        "hello",
        2,
        "a",
        "saw a",
        true,
        1,
        true,
        "/index.js",
        "/",
        "/lib/where.js in /lib false",
        "/lib/index.js",
    ]);
    assert_eq!(answer(&tenant, "node", "/").await, expected);
    assert_eq!(answer(&tenant, "node", "/").await, expected);
}

/// ES modules import CommonJS ones, statically and at request time; the default is `module.exports`, evaluated once.
#[tokio::test]
async fn es_modules_import_commonjs_modules() {
    let tenant = Tenant::create(&Node::shared(), "interplay").await;
    let main = "
        import legacy from './legacy.cjs';
        import again from './legacy.cjs';
        export default {
            async fetch() {
                const late = await import('./late.cjs');
                return Response.json([legacy.count(), legacy.count(), again === legacy, late.default, legacy.wasm()]);
            },
        };";
    let legacy = "let n = 0; exports.count = () => ++n;
        exports.wasm = () => new WebAssembly.Instance(require('./answer.wasm')).exports.answer();";
    let upload = Upload::of(main)
        .with("legacy.cjs", COMMON_JS, legacy)
        .with("late.cjs", COMMON_JS, "module.exports = 'late';")
        .with("answer.wasm", "application/wasm", ANSWER_WASM);
    tenant.deploy("mixed", upload).await;
    let found = answer(&tenant, "mixed", "/").await;
    assert_eq!(found, json!([1, 2, true, "late", 42]));
}

/// What Node.js refuses, and what hostile code tries: errors with Node's codes, and nothing outside of the upload.
#[tokio::test]
async fn require_refuses_what_is_not_there() {
    let tenant = Tenant::create(&Node::shared(), "refusals").await;
    let main = "
        const tries = ['./gone', 'left-pad', 'ext:core/mod.js', '../../etc/passwd', '', 7, './esm.mjs', './throws',
            './broken', 'eyot:commonjs', '__proto__', 'constructor'];
        const outcome = (name) => { try { return typeof require(name); } catch (e) { return e.code ?? e.message; } };
        const first = tries.map(outcome);
        module.exports.fetch = async () => Response.json([
            first,
            outcome('./throws'),
            typeof globalThis.require, typeof globalThis.module, typeof Deno, typeof __bootstrap,
            await import('eyot:commonjs').then((m) => { try { return m.exportsOf('../x'); } catch (e) { return e.name; } }),
        ]);
        delete require.cache['/index.js'];
        require.cache['/planted'] = null;";
    let upload = Upload::modules("index.js")
        .with("index.js", COMMON_JS, main)
        .with("esm.mjs", "application/javascript+module", "export default 1")
        .with("throws.js", COMMON_JS, "throw new Error('thrown')")
        .with("broken.js", COMMON_JS, "}); (function () {");
    tenant.deploy("strict", upload).await;
    let found = answer(&tenant, "strict", "/").await;
    let missing = "MODULE_NOT_FOUND";
    assert_eq!(
        found[0].as_array().expect("a list")[..8],
        [
            json!(missing),
            json!(missing),
            json!(missing),
            json!(missing),
            json!("ERR_INVALID_ARG_VALUE"),
            json!("ERR_INVALID_ARG_VALUE"),
            json!("ERR_REQUIRE_ESM"),
            json!("thrown"),
        ]
    );
    assert!(found[0][8].as_str().is_some_and(|text| text.contains("Unexpected token")), "{found}");
    assert_eq!(found[0].as_array().expect("a list")[9..], [json!(missing), json!(missing), json!(missing)]);
    assert_eq!(found[1], "thrown");
    for at in 2..6 {
        assert_eq!(found[at], "undefined", "{found}");
    }
    assert_eq!(found[6], "TypeError");
}

/// A module that throws at the top level refuses the upload, with its file and line.
#[tokio::test]
async fn an_exception_at_the_top_level_names_its_place() {
    let tenant = Tenant::create(&Node::shared(), "top-level").await;
    let upload = Upload::modules("index.js")
        .with("index.js", COMMON_JS, "const a = require('./lib/a');\nmodule.exports.fetch = a;")
        .with("lib/a.js", COMMON_JS, "\n\n  throw new Error('at line three');");
    let (code, message) = tenant.upload("throws", upload).await.refusal();
    assert_eq!(code, 10021);
    assert!(message.contains("at line three") && message.contains("lib/a.js:3"), "{message}");
}
