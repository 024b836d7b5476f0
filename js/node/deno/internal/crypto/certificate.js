// deno_node 0.198.0, polyfills/internal/crypto/certificate.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core } = __bootstrap;
  const {
    op_node_cert_export_challenge,
    op_node_cert_export_public_key,
    op_node_verify_spkac
  } = core.loadExtScript("ext:eyot_node/crypto_ops.js");
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { getArrayBufferOrView } = core.loadExtScript(
    "ext:eyot_node/deno/internal/crypto/keys.js"
  );
  function verifySpkac(spkac, encoding) {
    return op_node_verify_spkac(
      getArrayBufferOrView(spkac, "spkac", encoding)
    );
  }
  function exportPublicKey(spkac, encoding) {
    const publicKey = op_node_cert_export_public_key(
      getArrayBufferOrView(spkac, "spkac", encoding)
    );
    return publicKey ? Buffer.from(publicKey) : "";
  }
  function exportChallenge(spkac, encoding) {
    const challenge = op_node_cert_export_challenge(
      getArrayBufferOrView(spkac, "spkac", encoding)
    );
    return challenge ? Buffer.from(challenge) : "";
  }
  function Certificate() {
    if (!(this instanceof Certificate)) {
      return new Certificate();
    }
  }
  Certificate.prototype.verifySpkac = verifySpkac;
  Certificate.prototype.exportPublicKey = exportPublicKey;
  Certificate.prototype.exportChallenge = exportChallenge;
  Certificate.exportChallenge = exportChallenge;
  Certificate.exportPublicKey = exportPublicKey;
  Certificate.verifySpkac = verifySpkac;
  return { Certificate, default: Certificate };
})()
