// ioredis: its commands on the wire, and that it does not connect where nobody listens.
import Redis from "ioredis";
export default { async fetch() {
  const out = [];
  const r = new Redis({ host: "127.0.0.1", port: 1, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  r.on("error", () => {});
  try { await r.connect(); out.push("c"); } catch (e) { out.push(e.constructor.name); }
  const cmd = new Redis.Command("set", ["k", "v"]);
  out.push(cmd.toWritable().toString());
  return Response.json(out);
} };
