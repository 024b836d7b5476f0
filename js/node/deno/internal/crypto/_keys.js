// deno_node 0.198.0, polyfills/internal/crypto/_keys.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const { Symbol } = primordials;
  const kKeyType = Symbol("kKeyType");
  function isKeyObject(obj) {
    return obj != null && obj[kKeyType] !== void 0;
  }
  function isCryptoKey(obj) {
    return core.loadExtScript("ext:eyot/crypto_host.js").isKey(obj);
  }
  return { kKeyType, isKeyObject, isCryptoKey };
})()
