//! Promise: functions written for other platforms are served as they are: AWS Lambda, OpenWhisk, Google, Azure.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Node, Tenant, Upload};

const SCRIPT: &str = "application/javascript";
const MODULE: &str = "application/javascript+module";

fn main_module(content_type: &str, source: &str) -> Upload {
    Upload::modules("index.js").with("index.js", content_type, source)
}

struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }
}

async fn ask(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("a body") }
}

async fn send(tenant: &Tenant, method: Method, script: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
    let request = tenant.edge.request(method, tenant.url(script, path));
    ask(request.header("content-type", kind).body(body.to_vec())).await
}

/// The greeting of every tutorial, uploaded in each way a client may declare it.
#[tokio::test]
async fn a_lambda_handler_is_served_however_it_is_declared() {
    let tenant = Tenant::create(&Node::shared(), "lambda").await;
    let common = "exports.handler = async (event) => {
        const { name } = JSON.parse(event.body ?? '{}');
        return { statusCode: 201, headers: { 'content-type': 'application/json', 'X-Kind': 'greeting' },
            body: JSON.stringify({ message: `Hello, ${name}!` }) };
    };";
    let module = common.replace("exports.handler =", "export const handler =");
    for (script, upload) in [
        ("common", main_module(SCRIPT, common)),
        ("as-module", main_module(MODULE, common)),
        ("as-worker", Upload::service_worker(common)),
        ("module", main_module(MODULE, &module)),
        ("assigned", main_module(SCRIPT, &common.replace("exports.", "module.exports."))),
    ] {
        tenant.deploy(script, upload).await;
        let answer = send(&tenant, Method::POST, script, "/hello", "application/json", b"{\"name\":\"Ada\"}").await;
        assert_eq!((answer.status, answer.json()), (201, json!({ "message": "Hello, Ada!" })), "{script}");
        assert_eq!(answer.header("x-kind"), "greeting");
    }
}

/// The whole event and context, as API Gateway's payload format 2.0 has them.
#[tokio::test]
async fn a_lambda_gets_the_event_of_api_gateway() {
    let tenant = Tenant::create(&Node::shared(), "event").await;
    let source = "export const handler = async (event, context) => ({ event, context: { ...context,
        left: context.getRemainingTimeInMillis(), moved: moves(context) }, env: typeof process });
        const moves = (context) => { const before = context.getRemainingTimeInMillis();
        for (let i = 0; i < 3e6; i++) Math.sqrt(i); return before - context.getRemainingTimeInMillis(); };";
    tenant.deploy("show", main_module(MODULE, source)).await;
    let request = tenant.edge.put(tenant.url("show", "/a%20b/c?x=1&y=2&x=%26&__proto__=p"));
    let request =
        request.header("Cookie", "a=1; b=2").header("X-Two", "1").header("X-Two", "2").header("user-agent", "t");
    let shown = ask(request.header("content-type", "application/octet-stream").body(vec![0, 255])).await.json();
    let event = &shown["event"];
    assert_eq!(event["version"], "2.0");
    assert_eq!((&event["routeKey"], &event["rawPath"]), (&json!("$default"), &json!("/a%20b/c")));
    assert_eq!(event["rawQueryString"], "x=1&y=2&x=%26&__proto__=p");
    assert_eq!(event["queryStringParameters"], json!({ "x": "1,&", "y": "2", "__proto__": "p" }));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!((&event["headers"]["x-two"], &event["headers"]["cookie"]), (&json!("1, 2"), &Value::Null));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("AP8="), &json!(true)));
    let http = &event["requestContext"]["http"];
    assert_eq!(
        (&http["method"], &http["sourceIp"], &http["userAgent"]),
        (&json!("PUT"), &json!("127.0.0.1"), &json!("t"))
    );
    let context = &shown["context"];
    assert_eq!((&context["functionName"], &context["memoryLimitInMB"]), (&json!("show"), &json!("128")));
    assert_eq!(context["awsRequestId"].as_str().map(str::len), Some(16));
    assert_eq!(context["awsRequestId"], event["requestContext"]["requestId"]);
    assert_eq!(context["moved"], 0, "time stands still while JavaScript runs");
    assert!(context["left"].as_u64().is_some_and(|left| left > 0 && left <= 30_000), "{context}");
}

/// Every shape of a result, by promise, callback and legacy context, and the ways to fail.
#[tokio::test]
async fn a_lambda_answers_in_every_shape() {
    let tenant = Tenant::create(&Node::shared(), "shapes").await;
    let source = "exports.handler = (event, context, callback) => {
        switch (event.rawPath) {
            case '/plain': return Promise.resolve({ a: 1 });
            case '/string': return Promise.resolve('hi');
            case '/null': return Promise.resolve();
            case '/callback': setTimeout(() => callback(null, { statusCode: 200, body: 'called' }), 1); return;
            case '/succeed': context.succeed({ statusCode: 200, body: 'succeeded' }); return;
            case '/error': callback(new Error('secret')); return;
            case '/throw': throw new Error('secret');
            case '/silent': return;
            case '/bytes': return Promise.resolve({ statusCode: 200, body: 'AP8=', isBase64Encoded: true,
                headers: { 'content-type': 'application/octet-stream' } });
            case '/cookies': return Promise.resolve({ statusCode: 200, cookies: ['a=1', 'b=2'],
                multiValueHeaders: { 'x-many': ['1', '2'] } });
            case '/bad-status': return Promise.resolve({ statusCode: 'nine' });
            case '/spin': for (;;);
        }
    };";
    tenant.deploy("all", main_module(SCRIPT, source)).await;
    let get = async |path: &str| ask(tenant.edge.get(tenant.url("all", path))).await;
    for (path, body, kind) in [
        ("/plain", "{\"a\":1}", "application/json"),
        ("/string", "hi", "application/json"),
        ("/null", "null", "application/json"),
        ("/callback", "called", "text/plain;charset=utf-8"),
        ("/succeed", "succeeded", "text/plain;charset=utf-8"),
    ] {
        let answer = get(path).await;
        assert_eq!((answer.status, answer.text.as_str(), answer.header("content-type")), (200, body, kind), "{path}");
    }
    let bytes = tenant.edge.get(tenant.url("all", "/bytes")).send().await.expect("an answer");
    assert_eq!(bytes.bytes().await.expect("bytes")[..], [0, 255]);
    let cookies = get("/cookies").await;
    assert_eq!(cookies.headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(cookies.header("x-many"), "1, 2");
    for path in ["/error", "/throw", "/silent", "/bad-status"] {
        tenant.expect_error("all", path, 500, 1101).await;
    }
    tenant.expect_error("all", "/spin", 503, 1102).await;
    assert_eq!(get("/string").await.text, "hi");
}

/// Parameters from query, JSON, form and raw bodies; every shape of a web action's result.
#[tokio::test]
async fn an_openwhisk_action_is_a_web_action() {
    let tenant = Tenant::create(&Node::shared(), "whisk").await;
    let source = "function main(params) {
        switch (params.__ow_path) {
            case '/hello': return { body: `Hello, ${params.name}!` };
            case '/params': return { body: params };
            case '/plain': return { greeting: 'Hello' };
            case '/promise': return new Promise((resolve) => setTimeout(() => resolve({ statusCode: 201, body: [1] }), 1));
            case '/error': return { error: { statusCode: 403, body: { why: 'no' } } };
            case '/error-text': return { error: 'broken' };
            case '/empty': return { headers: { location: '/x' }, statusCode: 302 };
            case '/image': return { headers: { 'Content-Type': 'image/png' }, body: 'AP8=' };
            case '/throw': throw new Error('secret');
        }
    }";
    let exported = format!("{source}\nexports.main = main;");
    let required = format!("const x = require('./x.json');\n{source}");
    tenant.deploy("classic", Upload::service_worker(source)).await;
    tenant.deploy("as-module", main_module(MODULE, source)).await;
    tenant.deploy("exported", main_module(SCRIPT, &exported)).await;
    tenant.deploy("required", main_module(SCRIPT, &required).with("x.json", "application/json", "{}")).await;
    for script in ["classic", "as-module", "exported", "required"] {
        let answer = ask(tenant.edge.get(tenant.url(script, "/hello?name=Ada"))).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, "Hello, Ada!"), "{script}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    let post = async |kind: &str, body: &[u8]| {
        send(&tenant, Method::POST, "classic", "/params?a=1&b=q", kind, body).await.json()
    };
    let params = post("application/json", b"{\"b\":2,\"__proto__\":{\"c\":3}}").await;
    assert_eq!((&params["a"], &params["b"], &params["__proto__"]["c"]), (&json!("1"), &json!(2), &json!(3)));
    assert_eq!((&params["__ow_method"], &params["__ow_query"]), (&json!("post"), &json!("a=1&b=q")));
    assert_eq!(params["__ow_headers"]["content-type"], "application/json");
    assert_eq!(post("application/x-www-form-urlencoded", b"b=%26").await["b"], "&");
    assert_eq!(post("text/plain", b"text").await["__ow_body"], "text");
    assert_eq!(post("application/octet-stream", &[0, 255]).await["__ow_body"], "AP8=");
    let get = async |path: &str| ask(tenant.edge.get(tenant.url("classic", path))).await;
    assert_eq!(get("/plain").await.json(), json!({ "greeting": "Hello" }));
    let answer = get("/promise").await;
    assert_eq!((answer.status, answer.json()), (201, json!([1])));
    let answer = get("/error").await;
    assert_eq!((answer.status, answer.json()), (403, json!({ "why": "no" })));
    let answer = get("/error-text").await;
    assert_eq!((answer.status, answer.json()), (400, json!({ "error": "broken" })));
    assert_eq!(
        tenant.edge.get(tenant.url("classic", "/image")).send().await.expect("answers").bytes().await.expect("bytes")[..],
        [0, 255]
    );
    tenant.expect_error("classic", "/throw", 500, 1101).await;
}

/// Google's `(req, res)`, by its one export and by registration.
#[tokio::test]
async fn a_google_function_answers_through_its_response() {
    let tenant = Tenant::create(&Node::shared(), "google").await;
    let handler = "(req, res) => {
        switch (req.path) {
            case '/send': return res.status(201).set('X-A', 'b').send(`Hello ${req.query.name || req.body.name || 'World'}!`);
            case '/json': return res.json({ q: req.query, b: req.body, m: req.method, h: req.get('X-In'), i: req.is('json') });
            case '/stream': res.write('a'); return setTimeout(() => { res.write('b'); res.end('c'); }, 1);
            case '/cookie': res.cookie('a', 'b', { httpOnly: true }); return res.redirect('/there');
            case '/status': return res.sendStatus(404);
            case '/throw': throw new Error('secret');
            case '/silent': return;
        }
    }";
    tenant.deploy("one", main_module(SCRIPT, &format!("exports.helloWorld = {handler};"))).await;
    let registered =
        format!("const functions = require('@google-cloud/functions-framework');\nfunctions.http('hi', {handler});");
    tenant.deploy("registered", main_module(SCRIPT, &registered)).await;
    let imported = format!(
        "import {{ http }} from '@google-cloud/functions-framework';\nhttp('a', {handler});\nhttp('b', () => {{}});"
    );
    let target = json!({ "name": "FUNCTION_TARGET", "type": "plain_text", "text": "a" });
    tenant.deploy("imported", main_module(MODULE, &imported).bind(target)).await;
    for script in ["one", "registered", "imported"] {
        let answer = ask(tenant.edge.get(tenant.url(script, "/send?name=Ada"))).await;
        assert_eq!((answer.status, answer.text.as_str(), answer.header("x-a")), (201, "Hello Ada!", "b"), "{script}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    let answer = send(&tenant, Method::POST, "one", "/json?a=1&a=2&b=", "application/json", b"{\"name\":[1]}").await;
    let expected =
        json!({ "q": { "a": ["1", "2"], "b": "" }, "b": { "name": [1] }, "m": "POST", "i": "application/json" });
    assert_eq!(answer.json(), expected);
    assert_eq!(send(&tenant, Method::POST, "one", "/json", "application/json", b"{").await.status, 400);
    let get = async |path: &str| ask(tenant.edge.get(tenant.url("one", path))).await;
    assert_eq!(get("/stream").await.text, "abc");
    let answer = get("/status").await;
    assert_eq!((answer.status, answer.text.as_str()), (404, "Not Found"));
    let answer = get("/cookie").await;
    assert_eq!((answer.status, answer.header("set-cookie")), (302, "a=b; Path=/; HttpOnly"));
    for path in ["/throw", "/silent"] {
        tenant.expect_error("one", path, 500, 1101).await;
    }
}

/// Azure's two programming models.
#[tokio::test]
async fn an_azure_function_answers_by_its_context() {
    let tenant = Tenant::create(&Node::shared(), "azure").await;
    let model3 = "module.exports = async function (context, req) {
        context.log('processing', req.method);
        switch (new URL(req.url).pathname) {
            case '/assigned': context.res = { status: 202, headers: { 'x-a': 'b' }, body: `Hello, ${req.query.name || req.body.name}` }; return;
            case '/changed': context.res.status = 203; context.res.body = { a: 1 }; return;
            case '/returned': return { status: 204 };
            case '/sent': context.res.status(418).json([1]); return;
            case '/nothing': return;
            case '/throw': throw new Error('secret');
        }
    };";
    tenant.deploy("three", main_module(SCRIPT, model3)).await;
    let get = async |script: &str, path: &str| ask(tenant.edge.get(tenant.url(script, path))).await;
    let answer = send(&tenant, Method::POST, "three", "/assigned", "application/json", b"{\"name\":\"Ada\"}").await;
    assert_eq!((answer.status, answer.text.as_str(), answer.header("x-a")), (202, "Hello, Ada", "b"));
    let answer = get("three", "/changed").await;
    assert_eq!((answer.status, answer.json()), (203, json!({ "a": 1 })));
    assert_eq!(get("three", "/returned").await.status, 204);
    let answer = get("three", "/sent").await;
    assert_eq!((answer.status, answer.json()), (418, json!([1])));
    let answer = get("three", "/nothing").await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    tenant.expect_error("three", "/throw", 500, 1101).await;

    let model4 = "const { app } = require('@azure/functions');
        app.http('hello', { methods: ['GET', 'POST'], authLevel: 'anonymous', handler: async (request, context) => {
            const name = request.query.get('name') || await request.text() || 'world';
            return { body: `Hello, ${name}!` };
        } });
        app.get('item', { route: 'items/{id}/{part?}', handler: (request) => ({ jsonBody: request.params }) });";
    tenant.deploy("four", main_module(SCRIPT, model4)).await;
    assert_eq!(get("four", "/api/hello?name=Ada").await.text, "Hello, Ada!");
    assert_eq!(send(&tenant, Method::POST, "four", "/api/hello", "text/plain", b"Bob").await.text, "Hello, Bob!");
    assert_eq!(get("four", "/api/items/7%2F8").await.json(), json!({ "id": "7/8" }));
    assert_eq!(get("four", "/api/items/7/x").await.json(), json!({ "id": "7", "part": "x" }));
    for path in ["/", "/api/items", "/api/items/1/2/3"] {
        assert_eq!(get("four", path).await.status, 404, "{path}");
    }
}

/// A Workers handler comes first; a script with no form at all is refused; text bindings are `process.env`.
#[tokio::test]
async fn the_form_is_never_in_doubt() {
    let tenant = Tenant::create(&Node::shared(), "doubt").await;
    let both = "export default { fetch: () => new Response('worker') }; export const handler = () => 'lambda';";
    tenant.deploy("both", main_module(MODULE, both)).await;
    assert_eq!(tenant.text("both", "/").await, "worker");
    let transpiled = "Object.defineProperty(exports, '__esModule', { value: true });
        exports.default = { fetch: () => new Response('transpiled') };";
    tenant.deploy("transpiled", main_module(SCRIPT, transpiled)).await;
    assert_eq!(tenant.text("transpiled", "/").await, "transpiled");
    let listening =
        "var exports_ = typeof exports; addEventListener('fetch', e => e.respondWith(new Response(exports_)));";
    tenant.deploy("listening", Upload::service_worker(listening)).await;
    assert_eq!(tenant.text("listening", "/").await, "undefined");
    let environment =
        "const atTop = typeof process.env.NAME; exports.handler = async () => `${atTop} ${process.env.NAME}`;";
    let name = json!({ "name": "NAME", "type": "secret_text", "text": "Ada" });
    tenant.deploy("environment", main_module(SCRIPT, environment).bind(name)).await;
    assert!(tenant.text("environment", "/").await.ends_with(" Ada"));
    for nothing in ["exports.a = 1;", "exports.a = () => {}; exports.b = () => {};", "module.exports = 7;"] {
        assert_eq!(tenant.upload("nothing", main_module(SCRIPT, nothing)).await.refusal().0, 10068, "{nothing}");
    }
}

/// What Express's tutorials export, a server of Node's that is exported or only listens, and the forms beside them.
#[tokio::test]
async fn an_application_or_a_server_is_served_as_it_is() {
    let tenant = Tenant::create(&Node::shared(), "applications").await;
    let server = "const http = require('node:http');
        const server = http.createServer((req, res) => { res.setHeader('x-kind', 'server'); res.end(`${req.method} ${req.url}`); });";
    let application = "function app(req, res) { app.handle(req, res); }
        app.use = () => app;
        app.handle = (req, res) => { res.statusCode = 201; res.end(`app ${req.url}`); };
        module.exports = app;";
    for (script, source, status, body) in [
        ("application", application.to_owned(), 201, "app /path?q"),
        ("named", application.replace("module.exports", "exports.app"), 201, "app /path?q"),
        ("server", format!("{server} module.exports = server;"), 200, "GET /path?q"),
        ("listens", format!("{server} server.listen(3000, () => {{}});"), 200, "GET /path?q"),
        ("request", "module.exports = (req, res) => res.status(202).send(req.path);".to_owned(), 202, "/path"),
        (
            "context",
            "module.exports = async (context, req) => { context.res = { body: 'azure' }; };".to_owned(),
            200,
            "azure",
        ),
    ] {
        let flags = json!(["nodejs_compat"]);
        let upload = main_module(SCRIPT, &source).set("compatibility_date", json!("2026-01-01"));
        tenant.deploy(script, upload.set("compatibility_flags", flags)).await;
        let answer = ask(tenant.edge.get(tenant.url(script, "/path?q"))).await;
        assert_eq!((answer.status, answer.text.as_str()), (status, body), "{script}");
    }
}
