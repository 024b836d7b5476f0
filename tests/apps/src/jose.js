// jose: tokens signed and verified with three kinds of keys, and encrypted ones.
import * as jose from "jose";

const secret = new TextEncoder().encode("a secret of at least thirty-two bytes");
export default {
  async fetch() {
    const hs = await new jose.SignJWT({ role: "reader" }).setProtectedHeader({ alg: "HS256" }).setIssuer("us").setExpirationTime(4102444800).sign(secret);
    const checked = await jose.jwtVerify(hs, secret, { issuer: "us" });
    const wrong = await jose.jwtVerify(`${hs}x`, secret).catch((error) => error.code);
    const outcome = { hs, payload: checked.payload, wrong };
    for (const alg of ["ES256", "RS256", "EdDSA", "PS256"]) {
      const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
      const token = await new jose.SignJWT({ alg }).setProtectedHeader({ alg }).sign(privateKey);
      const imported = await jose.importJWK(await jose.exportJWK(publicKey), alg);
      outcome[alg] = (await jose.jwtVerify(token, imported)).payload;
      outcome[`${alg} pem`] = (await jose.exportSPKI(publicKey)).split("\n")[0];
    }
    const sealed = await new jose.EncryptJWT({ secret: true }).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(secret.slice(0, 32));
    outcome.opened = (await jose.jwtDecrypt(sealed, secret.slice(0, 32))).payload;
    outcome.thumbprint = await jose.calculateJwkThumbprint({ kty: "oct", k: "AAAA" });
    return Response.json(outcome);
  },
};
