//! Promise: scripts of one tenant call each other within the process, each under its own limits, and no other tenant's.

use serde_json::{Value, json};

use crate::harness::{Neighbour, Node, Tenant, Upload};

fn service(name: &str, target: &str) -> Value {
    json!({ "name": name, "type": "service", "service": target })
}

fn entrypoint(name: &str, target: &str, entrypoint: &str) -> Value {
    json!({ "name": name, "type": "service", "service": target, "entrypoint": entrypoint, "props": { "role": "admin" } })
}

/// Method, headers, body and status go through both ways; the answer of the called script is the client's.
#[tokio::test]
async fn a_request_passes_through_a_binding_unchanged() {
    let tenant = Tenant::create(&Node::shared(), "bound").await;
    tenant
        .deploy(
            "passed-to",
            Upload::of(
                "export default { async fetch(request) {
                   const body = await request.text();
                   return new Response(`${request.method} ${new URL(request.url).pathname} ${request.headers.get('x-a')} ${body}`,
                     { status: 207, headers: { 'x-b': 'c', 'set-cookie': 'd=e' } });
                 } };",
            ),
        )
        .await;
    tenant
        .deploy(
            "passes-on",
            Upload::of("export default { fetch(request, env) { return env.INNER.fetch(request); } };")
                .bind(service("INNER", "passed-to")),
        )
        .await;
    let url = tenant.url("passes-on", "/a/b?c");
    let response = tenant.edge.put(&url).header("x-a", "yes").body("hello").send().await.expect("an answer");
    assert_eq!(response.status(), 207);
    assert_eq!(response.headers()["x-b"], "c");
    assert_eq!(response.headers()["set-cookie"], "d=e");
    assert_eq!(response.text().await.expect("a body"), "PUT /a/b yes hello");
    tenant.node.expect_outcomes("passed-to", "ok", 1).await;
    tenant.node.expect_outcomes("passes-on", "ok", 1).await;
}

/// A body of many megabytes streams through two scripts and back; empty bodies and bodiless statuses stay so.
#[tokio::test]
async fn bodies_stream_both_ways() {
    let tenant = Tenant::create(&Node::shared(), "streams").await;
    tenant
        .deploy(
            "echo",
            Upload::of(
                "export default { fetch(request) {
                   if (request.url.endsWith('/none')) return new Response(null, { status: 204 });
                   return new Response(request.body);
                 } };",
            ),
        )
        .await;
    let pass = "export default { fetch(request, env) { return env.NEXT.fetch(request); } };";
    tenant.deploy("middle", Upload::of(pass).bind(service("NEXT", "echo"))).await;
    tenant.deploy("front", Upload::of(pass).bind(service("NEXT", "middle"))).await;
    let sent: Vec<u8> = (0..5_000_000_u32).map(|at| u8::try_from(at % 251).expect("is small")).collect();
    let posted = tenant.edge.post(tenant.url("front", "/")).body(sent.clone()).send().await.expect("an answer");
    assert_eq!(posted.status(), 200);
    assert!(posted.bytes().await.expect("a body") == sent);
    assert_eq!(tenant.fetch("front", "/none").await.expect("an answer").status(), 204);
    assert_eq!(tenant.text("front", "/").await, "");
}

/// What a caller sees of a called script that throws, spins, hangs or is gone; its own run goes on.
#[tokio::test]
async fn a_called_scripts_failure_is_an_exception_of_its_callers() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "failing").await;
    let neighbour = Neighbour::start(&node).await;
    tenant
        .deploy(
            "failing",
            Upload::of(
                "export default { fetch(request) {
                   const path = new URL(request.url).pathname;
                   if (path === '/throw') throw new RangeError('too far');
                   if (path === '/spin') while (true);
                   if (path === '/hang') return new Promise(() => {});
                   if (path === '/redirect') return Response.redirect('https://x.invalid/there', 302);
                   return new Response('at ' + path);
                 } };",
            ),
        )
        .await;
    tenant
        .deploy(
            "caller",
            Upload::of(
                "export default { async fetch(request, env) {
                   const { pathname } = new URL(request.url);
                   try {
                     const response = await env.CALLEE.fetch('https://x.invalid' + pathname);
                     return new Response(`${response.status} ${await response.text()}`);
                   } catch (error) { return new Response(`${error.name}: ${error.message}`); }
                 } };",
            )
            .bind(service("CALLEE", "failing")),
        )
        .await;
    assert_eq!(tenant.text("caller", "/throw").await, "RangeError: too far");
    assert_eq!(tenant.text("caller", "/spin").await, "Error: Worker exceeded CPU time limit.");
    let hung = tenant.text("caller", "/hang").await;
    assert_eq!(hung, "Error: The called Worker threw an exception or can never answer.");
    assert_eq!(tenant.text("caller", "/redirect").await, "200 at /there", "redirects are followed within the binding");
    let deleted = tenant.call(reqwest::Method::DELETE, &tenant.path("/workers/scripts/failing?force=true"), None).await;
    deleted.result();
    let gone = tenant.text("caller", "/").await;
    assert_eq!(gone, "Error: The script \"failing\" that this binding calls does not exist.");
    tenant.node.expect_outcomes("failing", "exceededCpu", 1).await;
    neighbour.finish().await;
}

/// A script that calls itself for ever, one that fans out, and two that call each other.
#[tokio::test]
async fn loops_and_avalanches_end() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "loops").await;
    let neighbour = Neighbour::start(&node).await;
    let pass = "export default { fetch(request, env) { return env.NEXT.fetch(request); } };";
    tenant.deploy("itself", Upload::of(pass).bind(service("NEXT", "itself"))).await;
    tenant.expect_error("itself", "/", 508, 1019).await;
    tenant.deploy("ping", Upload::of(pass).bind(service("NEXT", "itself"))).await;
    tenant.deploy("pong", Upload::of(pass).bind(service("NEXT", "ping"))).await;
    tenant.deploy("ping", Upload::of(pass).bind(service("NEXT", "pong"))).await;
    tenant.expect_error("ping", "/", 508, 1019).await;
    let avalanche = "export default { async fetch(request, env) {
        const one = () => env.SELF.fetch('https://x.invalid/').then((r) => r.text(), (e) => e.message);
        const all = await Promise.all(Array.from({ length: 40 }, one));
        return new Response(all.some((text) => text.includes('Too many')) ? 'Too many' : all.join());
      } };";
    tenant.deploy("avalanche", Upload::of(avalanche).bind(service("SELF", "avalanche"))).await;
    assert_eq!(tenant.text("avalanche", "/").await, "Too many");
    neighbour.finish().await;
}

/// Uploads that bind what is not there, or another tenant's script.
#[tokio::test]
async fn a_binding_reaches_the_tenants_own_scripts_only() {
    let node = Node::shared();
    let (tenant, other) = (Tenant::create(&node, "own").await, Tenant::create(&node, "others").await);
    other.deploy("theirs", Upload::of("export default { fetch() { return new Response('theirs'); } };")).await;
    let calling = |target: &str| {
        Upload::of("export default { fetch(request, env) { return env.X.fetch(request); } };")
            .bind(service("X", target))
    };
    for target in ["theirs", "absent", "../theirs", ""] {
        let (code, message) = tenant.upload("caller", calling(target)).await.refusal();
        assert_eq!(code, 10143, "{message}");
    }
    tenant.deploy("theirs", Upload::of("export default { fetch() { return new Response('own'); } };")).await;
    tenant.deploy("caller", calling("theirs")).await;
    assert_eq!(tenant.text("caller", "/").await, "own");
    let settings = tenant.call(reqwest::Method::GET, &tenant.path("/workers/scripts/caller/settings"), None).await;
    assert_eq!(settings.result()["bindings"], json!([{ "name": "X", "type": "service", "service": "theirs" }]));
}

/// The client leaves, and the caller gives up by a signal: the called script's own signal fires both times.
#[tokio::test]
async fn leaving_is_carried_to_the_called_script() {
    let tenant = Tenant::create(&Node::shared(), "leaving").await;
    let namespace = tenant.namespace("leaving").await;
    tenant
        .deploy(
            "slow",
            Upload::of(
                "export default { fetch(request, env, ctx) {
                   const key = new URL(request.url).searchParams.get('key');
                   let left;
                   ctx.waitUntil(new Promise((resolve) => { left = resolve; }).then(() => env.KV.put(key, 'left')));
                   request.signal.addEventListener('abort', () => left());
                   ctx.waitUntil(env.KV.put(`begun-${key}`, 'left'));
                   return new Promise((resolve) => setTimeout(resolve, 20_000));
                 } };",
            )
            .bind_kv(&namespace),
        )
        .await;
    tenant
        .deploy(
            "caller",
            Upload::of(
                "export default { async fetch(request, env) {
                   const url = new URL(request.url);
                   if (url.pathname === '/seen') return new Response(await env.KV.get(url.searchParams.get('key')));
                   if (url.pathname === '/pass') return env.SLOW.fetch(request);
                   const controller = new AbortController();
                   const answer = env.SLOW.fetch(request.url, { signal: controller.signal })
                     .then(() => new Response('?'), (error) => new Response(error.message));
                   while (await env.KV.get('begun-a') === null) await scheduler.wait(50);
                   controller.abort(new Error('enough'));
                   return answer;
                 } };",
            )
            .bind(service("SLOW", "slow"))
            .bind_kv(&namespace),
        )
        .await;
    let seen = async |key: &str| {
        crate::harness::until(&format!("{key} is there"), crate::harness::PATIENCE, async || {
            (tenant.text("caller", &format!("/seen?key={key}")).await == "left").then_some(())
        })
        .await;
    };
    assert_eq!(tenant.text("caller", "/give-up?key=a").await, "enough");
    let pass = tokio::spawn(tenant.edge.get(tenant.url("caller", "/pass?key=b")).send());
    seen("begun-b").await;
    pass.abort();
    assert!(pass.await.expect_err("nobody answers").is_cancelled());
    for key in ["a", "b"] {
        seen(key).await;
    }
}

/// Methods of classes and objects, named and default, with every kind of value, and errors of every kind.
#[tokio::test]
async fn methods_are_called_with_cloned_values() {
    let tenant = Tenant::create(&Node::shared(), "methods").await;
    tenant.limit(json!({ "cpu_ms": 2_000 })).await;
    tenant
        .deploy(
            "callee",
            Upload::fixture("rpc/callee.js").bind(json!({ "name": "NAME", "type": "plain_text", "text": "N" })),
        )
        .await;
    let caller = Upload::fixture("rpc/caller.js")
        .bind(service("DEFAULT", "callee"))
        .bind(entrypoint("ADMIN", "callee", "Admin"))
        .bind(entrypoint("PLAIN", "callee", "plain"))
        .bind(entrypoint("ABSENT", "callee", "Absent"));
    tenant.deploy("caller", caller).await;
    let mut checked = 0;
    for part in ["/0", "/1", "/2", "/3", "/4", "/5"] {
        let results: Value = serde_json::from_str(&tenant.text("caller", part).await).expect("is JSON");
        for (name, result) in results.as_object().expect("an object") {
            assert_eq!(result["got"], result["wanted"], "{name}");
            checked += 1;
        }
    }
    assert!(checked >= 75, "{checked} checks ran");
}

/// Reads imported bindings at the top level, and only in the handler: the first cannot be in a snapshot, the second is.
#[tokio::test]
async fn imported_bindings_are_there_at_the_top_level() {
    let tenant = Tenant::create(&Node::shared(), "imported").await;
    let upload = |top: &str| {
        let source = format!(
            "import {{ env }} from 'cloudflare:workers';\n{top}\n\
             export default {{ fetch() {{ return new Response(`${{early}} ${{env.NAME}} ${{'NAME' in env}}`); }} }};"
        );
        Upload::of(&source).bind(json!({ "name": "NAME", "type": "secret_text", "text": "hush" }))
    };
    let plain = tenant.deploy("early", upload("const early = env.NAME.toUpperCase();")).await;
    assert_eq!(plain["eyot"]["start"], "plain", "{plain}");
    assert_eq!(tenant.text("early", "/").await, "HUSH hush true");
    let warm = tenant.deploy("late", upload("const early = 'later';")).await;
    assert_eq!(warm["eyot"]["start"], "snapshot", "{warm}");
    assert_eq!(tenant.text("late", "/").await, "later hush true");
}

/// Arguments that are too large, endless recursion over methods, and a result that eats memory.
#[tokio::test]
async fn hostile_method_calls_hurt_nobody_else() {
    let node = Node::shared();
    let tenant = Tenant::create(&node, "hostile").await;
    let neighbour = Neighbour::start(&node).await;
    let source = "import { WorkerEntrypoint } from 'cloudflare:workers';
      export default class extends WorkerEntrypoint {
        async fetch(request) {
          const { pathname } = new URL(request.url);
          const tell = async (promise) => { try { return String((await promise).length ?? 'ok'); } catch (e) { return `${e.name} ${e.message}`; } };
          const { SELF } = this.env;
          if (pathname === '/large') return new Response(await tell(SELF.length(new Uint8Array(33 << 20))));
          if (pathname === '/deep') return new Response(await tell(SELF.again(1)));
          if (pathname === '/eats') return new Response(await tell(SELF.eats()));
          if (pathname === '/many') {
            const all = await Promise.all(Array.from({ length: 100 }, () => tell(SELF.length([]))));
            return new Response(all.at(-1));
          }
          let nested = []; for (let i = 0; i < 100_000; i++) nested = [nested];
          return new Response(await tell((async () => SELF.length(nested))()));
        }
        length(value) { return value.length; }
        again(depth) { return this.env.SELF.again(depth + 1); }
        eats() { const all = []; while (true) all.push(new Uint8Array(1 << 20).fill(1)); }
      }";
    tenant.deploy("hostile", Upload::of(source).bind(service("SELF", "hostile"))).await;
    let says = async |path: &str, wanted: &str| {
        let text = tenant.text("hostile", path).await;
        assert!(text.contains(wanted), "{path}: {text}");
    };
    says("/large", "RangeError").await;
    says("/deep", "Subrequest depth limit exceeded").await;
    says("/many", "Too many").await;
    says("/nested", "RangeError").await;
    tenant.fetch("hostile", "/eats").await.expect("an answer of some kind");
    says("/many", "Too many").await;
    neighbour.finish().await;
}

/// Counts keys to their limit; another key and another tenant with the same id are counted apart.
#[tokio::test]
async fn a_rate_limiter_counts_by_key_and_tenant() {
    let node = Node::shared();
    let source = "export default { async fetch(request, env) {
        const key = new URL(request.url).pathname;
        const passed = [];
        for (let i = 0; i < 5; i++) passed.push((await env.RL.limit({ key })).success);
        let refused; try { await env.RL.limit({}); } catch (error) { refused = error.name; }
        return Response.json([passed.filter(Boolean).length, refused]);
      } };";
    let upload = |limit: u32, period: u32| {
        Upload::of(source).bind(json!({
            "name": "RL", "type": "ratelimit", "namespace_id": "1001", "simple": { "limit": limit, "period": period },
        }))
    };
    let tenant = Tenant::create(&node, "rates").await;
    assert_eq!(tenant.upload("limited", upload(3, 30)).await.refusal().0, 10021);
    tenant.deploy("limited", upload(3, 60)).await;
    assert_eq!(tenant.text("limited", "/a").await, "[3,\"TypeError\"]");
    assert_eq!(tenant.text("limited", "/a").await, "[0,\"TypeError\"]");
    assert_eq!(tenant.text("limited", "/b").await, "[3,\"TypeError\"]");
    let other = Tenant::create(&node, "rates2").await;
    other.deploy("limited", upload(3, 60)).await;
    assert_eq!(other.text("limited", "/a").await, "[3,\"TypeError\"]");
}
