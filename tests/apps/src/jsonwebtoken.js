// jsonwebtoken: tokens with a secret, and with a key pair of node:crypto.
import jwt from "jsonwebtoken";
import crypto from "node:crypto";
const pair = () => crypto.generateKeyPairSync("ec", { namedCurve: "P-256", publicKeyEncoding: { type: "spki", format: "pem" }, privateKeyEncoding: { type: "pkcs8", format: "pem" } });
export default { async fetch() {
  const out = [jwt.sign({ a: 1 }, "secret", { noTimestamp: true })];
  const k = pair();
  const t = jwt.sign({ a: 2 }, k.privateKey, { algorithm: "ES256", noTimestamp: true });
  out.push(jwt.verify(t, k.publicKey));
  try { jwt.verify(out[0], "other"); } catch (e) { out.push(e.name, e.message); }
  return Response.json(out);
} };
