// pg: what it quotes, and that it does not connect where nobody listens.
import pg from "pg";
export default { async fetch() {
  const out = [];
  const client = new pg.Client({ host: "127.0.0.1", port: 1, user: "u", password: "p", database: "d" });
  client.on("error", () => {});
  try { await client.connect(); out.push("connected"); } catch (e) { out.push(typeof e, typeof e.message); }
  out.push(pg.escapeIdentifier('a"b'), pg.escapeLiteral("it's"), pg.types.getTypeParser(20)("12"));
  return Response.json(out);
} };
