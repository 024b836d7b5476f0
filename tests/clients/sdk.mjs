// Drives a node's admin API with Cloudflare's own SDK, as an operator's program would: the calls and their answers'
// shapes are the SDK's, only the base URL is ours. Ends with status 0 when all answers were right.
import assert from "node:assert/strict";
import Cloudflare, { toFile } from "cloudflare";

const client = new Cloudflare({
  apiToken: process.env.CLOUDFLARE_API_TOKEN,
  baseURL: process.env.CLOUDFLARE_API_BASE_URL,
  maxRetries: 0,
});
const account_id = process.env.CLOUDFLARE_ACCOUNT_ID;
const { scripts } = client.workers;
const { namespaces } = client.kv;

assert.equal((await client.user.tokens.verify()).status, "active");
assert.equal((await client.accounts.get({ account_id })).id, account_id);

const namespace = await namespaces.create({ account_id, title: "of the SDK" });
const in_namespace = { account_id, namespace_id: namespace.id };
await namespaces.values.update("a/b c", { ...in_namespace, value: "a value", metadata: { a: "1" } });
assert.equal(await (await namespaces.values.get("a/b c", in_namespace)).text(), "a value");
assert.deepEqual(await namespaces.metadata.get("a/b c", in_namespace), { a: "1" });
const keys = [];
for await (const key of namespaces.keys.list(namespace.id, { account_id })) keys.push(key.name);
assert.deepEqual(keys, ["a/b c"]);
await namespaces.bulkUpdate(namespace.id, { account_id, body: [{ key: "x", value: "1" }, { key: "y", value: "2" }] });
assert.deepEqual((await namespaces.bulkGet(namespace.id, { account_id, keys: ["x", "y"] })).values, { x: "1", y: "2" });

const source = (text) =>
  `export default { fetch(request, env) { return Response.json([${JSON.stringify(text)}, env.TEXT, env.JSON, "KV" in env]); } }`;
const file = (text) => toFile(Buffer.from(source(text)), "worker.mjs", { type: "application/javascript+module" });
const metadata = {
  main_module: "worker.mjs",
  compatibility_date: "2026-01-01",
  bindings: [
    { type: "plain_text", name: "TEXT", text: "1" },
    { type: "json", name: "JSON", json: { list: [1, true] } },
    { type: "kv_namespace", name: "KV", namespace_id: namespace.id },
  ],
};
const uploaded = await scripts.update("sdk", { account_id, metadata, files: [await file("first")] });
assert.equal(uploaded.id, "sdk");
await scripts.update("sdk", { account_id, metadata, files: { "worker.mjs": await file("second") } });
await scripts.content.update("sdk", {
  account_id, metadata: { main_module: "worker.mjs" }, files: [await file("third")],
});
assert.match(await (await scripts.content.get("sdk", { account_id })).text(), /third/);
const settings = await scripts.scriptAndVersionSettings.get("sdk", { account_id });
assert.deepEqual(settings.bindings.map((binding) => binding.name).sort(), ["JSON", "KV", "TEXT"]);
await scripts.secrets.update("sdk", { account_id, name: "SECRET", text: "hush", type: "secret_text" });
assert.equal((await scripts.secrets.get("SECRET", { account_id, script_name: "sdk" })).name, "SECRET");
await scripts.secrets.delete("SECRET", { account_id, script_name: "sdk" });
const listed = [];
for await (const script of scripts.list({ account_id })) listed.push(script.id);
assert.deepEqual(listed, ["sdk"]);
const { deployments } = (await scripts.deployments.list("sdk", { account_id })).result;
assert.equal(deployments[0].versions[0].percentage, 100);
assert.equal((await scripts.subdomain.get("sdk", { account_id })).enabled, true);
await assert.rejects(scripts.get("absent", { account_id }), (error) => error.status === 404 && error.errors[0].code === 10007);

const zones = [];
for await (const zone of client.zones.list({ name: "sdk.test", account: { id: account_id } })) zones.push(zone);
const [{ id: zone_id }] = zones;
const { domains, routes } = client.workers;
const domain = await domains.update({ account_id, hostname: "sdk.test", service: "sdk" });
assert.equal((await domains.get(domain.id, { account_id })).hostname, "sdk.test");
const route = await routes.create({ zone_id, pattern: "www.sdk.test/*", script: "sdk" });
await assert.rejects(routes.create({ zone_id, pattern: "www.sdk.test/*", script: "sdk" }), /10020/);
await assert.rejects(routes.create({ zone_id, pattern: "other.test/*", script: "sdk" }), /10022/);
await routes.update(route.id, { zone_id, pattern: "www.sdk.test/a/*", script: "sdk" });
const patterns = [];
for await (const { id, pattern } of routes.list({ zone_id })) patterns.push([id, pattern]);
assert.deepEqual(patterns, [[route.id, "www.sdk.test/a/*"]]);
assert.equal((await routes.get(route.id, { zone_id })).script, "sdk");
await routes.delete(route.id, { zone_id });
await domains.delete(domain.id, { account_id });
const hostnames = [];
for await (const { hostname } of domains.list({ account_id })) hostnames.push(hostname);
assert.deepEqual(hostnames, []);

assert.equal((await client.workers.accountSettings.get({ account_id })).default_usage_model, "standard");
const settled = await client.workers.accountSettings.update({ account_id, green_compute: true });
assert.deepEqual(settled, { default_usage_model: "standard", green_compute: true });
await assert.rejects(scripts.deployments.delete(deployments[0].id, { account_id, script_name: "sdk" }), /10021/);
