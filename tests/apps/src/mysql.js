// mysql2: what it quotes, and that it does not connect where nobody listens.
import mysql from "mysql2";
export default { async fetch() {
  const out = [mysql.format("SELECT ? FROM ?? WHERE a = ?", [1, "t", "x'y"]), mysql.escape(new Date(0))];
  await new Promise((r) => { const c = mysql.createConnection({ host: "127.0.0.1", port: 1, user: "u", disableEval: true }); c.on("error", (e) => { out.push(typeof e.message); r(); }); });
  return Response.json(out);
} };
