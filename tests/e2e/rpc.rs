//! Promise: functions, objects and streams that cross between scripts stay bounded by the limits of those who use them.

use serde_json::{Value, json};

use crate::harness::{Neighbour, Node, Tenant, Upload};

fn service(name: &str, target: &str) -> Value {
    json!({ "name": name, "type": "service", "service": target })
}

/// What either side of the attacks needs; `TELL` gives what came of a promise.
const BASE: &str = "import { RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
  const tell = async (promise) => {
    try { return String(await promise()); } catch (error) { return `${error.name}: ${error.message}`; }
  };
  const spin = () => { while (true); };\n";

/// Deploys the called script under this name and its caller under another one, which is given back.
async fn pair(tenant: &Tenant, called: &str, callee: &str, caller: &str) -> String {
    tenant.deploy(called, Upload::of(&format!("{BASE}{callee}"))).await;
    let (caller, name) = (format!("{BASE}{caller}"), format!("calls-{called}"));
    tenant.deploy(&name, Upload::of(&caller).bind(service("CALLED", called))).await;
    name
}

/// Callbacks and stubs that spin: the script that spins pays, the other one sees an error and goes on.
#[tokio::test]
async fn cpu_is_charged_to_the_script_that_spins() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "spinners").await;
    tenant.limit(json!({ "cpu_ms": 400 })).await;
    let neighbour = Neighbour::start(&node).await;
    let calls = pair(
        &tenant,
        "spinning",
        "class Spinner extends RpcTarget { spin() { spin(); } }
         export default class extends WorkerEntrypoint {
           async calls(callback) { return await tell(() => callback()); }
           spinner() { return new Spinner(); }
         }",
        "export default { async fetch(request, env) {
           if (request.url.endsWith('/callback')) return new Response(await env.CALLED.calls(spin));
           using spinner = await env.CALLED.spinner();
           return new Response(await tell(() => spinner.spin()));
         } };",
    )
    .await;
    let gone = "Error: The RPC session has ended: the other side, or the request it belongs to, is gone.";
    assert_eq!(tenant.text(&calls, "/stub").await, gone);
    tenant.node.expect_outcomes("spinning", "exceededCpu", 1).await;
    tenant.expect_error(&calls, "/callback", 503, 1102).await;
    tenant.node.expect_outcomes(&calls, "exceededCpu", 1).await;
    neighbour.finish().await;
}

/// Functions without end, arguments that V8 would write out a thousand times, and two scripts that call back for ever.
#[tokio::test]
async fn what_crosses_is_counted() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "counted").await;
    tenant.limit(json!({ "cpu_ms": 5_000 })).await;
    let neighbour = Neighbour::start(&node).await;
    let calls = pair(
        &tenant,
        "counting",
        "export default class extends WorkerEntrypoint {
           length(value) { return value.length; }
           nothing() { return () => {}; }
           many() { return Array.from({ length: 10_001 }, () => () => {}); }
           again(callback) { return callback((next) => this.again(next)); }
         }",
        "const answers = {
           functions: (called) => called.length(Array.from({ length: 10_001 }, () => () => {})),
           results: (called) => called.many(),
           strings: (called) => called.length(Array(10_000).fill('x'.repeat(1 << 20))),
           keys: (called) => called.length([Array(100_000).fill({ ['k'.repeat(1 << 10)]: 1 }).map((each) => ({ ...each }))]),
           errors: (called) => { const x = 'x'.repeat(1 << 20); return called.length(Array.from({ length: 100 }, () => new Error(x))); },
           bigints: (called) => called.length(Array(10_000).fill(1n << 1_000_000n)),
           getters: (called) => called.length({ get length() { return 'y'.repeat(8 << 20); }, a: 1 }),
         };
         export default { async fetch(request, env) {
           const name = new URL(request.url).pathname.slice(1);
           if (name === 'setters') {
             let seen = 0;
             Object.defineProperty(Object.prototype, 'caught', { set() { seen++; }, configurable: true });
             const error = new RangeError('x', { cause: { caught: 2 } });
             Object.defineProperty(RangeError.prototype, 'name', { get() { if (this !== error) seen++; return 'RangeError'; } });
             const value = { caught: 1, error };
             await env.CALLED.length([value, Object.fromEntries([['__proto__', { caught: 3 }]])]);
             return new Response(`${seen}`);
           }
           if (name === 'names') return new Response(await tell(() => env.CALLED['n'.repeat(1 << 20)]()));
           if (name === 'paths') {
             const called = await env.CALLED.nothing();
             let path = called; for (let i = 0; i < 100; i++) path = path['n'.repeat(1 << 20)];
             return new Response(await tell(() => path()));
           }
           if (name === 'circle') {
             const back = (again) => again(back);
             return new Response(await tell(() => env.CALLED.again(back)));
           }
           return new Response(await tell(() => answers[name](env.CALLED)));
         } };",
    )
    .await;
    for path in ["/functions", "/results"] {
        let text = tenant.text(&calls, path).await;
        assert_eq!(text, "RangeError: More than 10000 functions, stubs and streams in one session are not supported.");
    }
    for path in ["/strings", "/keys", "/errors", "/bigints"] {
        let text = tenant.text(&calls, path).await;
        assert_eq!(text, "RangeError: The arguments or the result of the call are larger than 32 MiB.", "{path}");
    }
    assert_eq!(tenant.text(&calls, "/setters").await, "0");
    assert_eq!(tenant.text(&calls, "/names").await, "RangeError: The name of the method is too long.");
    let text = tenant.text(&calls, "/paths").await;
    assert_eq!(text, "RangeError: The arguments or the result of the call are larger than 32 MiB.");
    assert_eq!(tenant.text(&calls, "/getters").await.len(), 8 << 20);
    tenant.limit(json!({ "cpu_ms": 50 })).await;
    tenant.fetch(&calls, "/circle").await.expect("an answer of some kind");
    neighbour.finish().await;
}

/// A stub that is used in another request than the one it came to, and callbacks after their request has ended.
#[tokio::test]
async fn stubs_end_with_the_request_they_came_to() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "ended").await;
    let calls = pair(
        &tenant,
        "ending",
        "let kept;
         export default class extends WorkerEntrypoint {
           make() { return () => 'made'; }
           keep(callback) { kept = callback.dup(); }
           use() { return tell(() => kept()); }
         }",
        "let stub;
         export default { async fetch(request, env) {
           const { pathname } = new URL(request.url);
           if (pathname === '/make') { stub = await env.CALLED.make(); return new Response(await stub()); }
           if (pathname === '/use') return new Response(await tell(() => stub()));
           if (pathname === '/keep') { await env.CALLED.keep(() => 'mine'); return new Response('kept'); }
           return new Response(await env.CALLED.use());
         } };",
    )
    .await;
    assert_eq!(tenant.text(&calls, "/make").await, "made");
    let text = tenant.text(&calls, "/use").await;
    assert!(text.starts_with("Error: The RPC session has ended"), "{text}");
    assert_eq!(tenant.text(&calls, "/keep").await, "kept");
    let text = tenant.text(&calls, "/call").await;
    let ended = text.starts_with("Error: The RPC session has ended");
    assert!(ended || text.starts_with("Error: Cannot perform I/O on behalf of a different request"), "{text}");
    // Neither run is left behind.
    tenant.node.expect_outcomes("ending", "ok", 3).await;
    tenant.node.expect_outcomes(&calls, "ok", 4).await;
}

/// A script that has replaced what it can of the language, on either side.
#[tokio::test]
async fn replaced_prototypes_change_nothing_between_scripts() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "replaced").await;
    tenant.limit(json!({ "cpu_ms": 2_000 })).await;
    let replaced = "const bad = () => { throw new Error('replaced'); };
      function replace() {
        for (const [object, names] of [
          [Map.prototype, ['get', 'set', 'has', 'forEach', 'delete', Symbol.iterator]],
          [Set.prototype, ['add', 'has', 'forEach', 'delete', Symbol.iterator]],
          [WeakMap.prototype, ['get', 'set', 'has']],
          [WeakSet.prototype, ['add', 'has']],
          [Uint8Array.prototype.__proto__, ['subarray', 'set', 'slice']],
          [JSON, ['parse', 'stringify']],
          [Reflect, ['apply', 'construct', 'get']],
          [Object, ['keys', 'defineProperty', 'getPrototypeOf', 'getOwnPropertyDescriptor']],
          [Array.prototype, [Symbol.iterator, 'push', 'concat', 'slice', 'map']],
        ]) for (const name of names) object[name] = bad;
        Object.prototype.disposed = Object.prototype.session = 'inherited';
      }\n";
    let callee = "class Target extends RpcTarget { add(a, b) { return a + b; } }
         export default class extends WorkerEntrypoint {
           async work(callback) { replace(); return { sum: await callback(20), target: new Target() }; }
         }";
    let caller = "export default { async fetch(request, env) {
           replace();
           const result = await env.CALLED.work((value) => value * 2);
           return new Response(`${result.sum} ${await result.target.add(1, 2)}`);
         } };";
    let calls = pair(&tenant, "replacing", &format!("{replaced}{callee}"), &format!("{replaced}{caller}")).await;
    assert_eq!(tenant.text(&calls, "/").await, "40 3");
}

/// A script's bindings to its own entrypoints, with props of their own; what is no entrypoint is not among them.
#[tokio::test]
async fn a_script_calls_its_own_entrypoints() {
    let tenant = Tenant::create(&Node::shared(), "loopback").await;
    let source = "import { RpcTarget, WorkerEntrypoint, exports } from 'cloudflare:workers';
      export class Greeter extends WorkerEntrypoint {
        greet(name) { return `${this.ctx.props.greeting ?? 'Hello'}, ${name}`; }
        fetch(request) { return Response.json([this.ctx.props, new URL(request.url).pathname]); }
      }
      export class Other extends RpcTarget {}
      export const handler = { fetch: () => new Response('handler') };
      export const data = { value: 1 };
      export default { async fetch(request, env, ctx) {
        if (new URL(request.url).pathname === '/inner') return new Response('inner');
        const { Greeter } = ctx.exports;
        const stub = Greeter({ props: { greeting: 'Hi' } });
        return Response.json([
          Object.keys(ctx.exports), await Greeter.greet('A'), await stub.greet('B'),
          await (await stub.fetch('https://x.invalid/p')).json(),
          await (await ctx.exports.default.fetch('https://x.invalid/inner')).text(),
          await (await exports.handler.fetch('https://x.invalid/')).text(),
          await ctx.exports.Absent, JSON.stringify(ctx.props),
        ]);
      } };";
    tenant.deploy("loopback", Upload::of(source)).await;
    let got: Value = serde_json::from_str(&tenant.text("loopback", "/").await).expect("is JSON");
    let wanted = json!([
        ["Greeter", "default", "handler"], "Hello, A", "Hi, B", [{ "greeting": "Hi" }, "/p"], "inner", "handler", null, "{}",
    ]);
    assert_eq!(got, wanted);
}
