// deno_node 0.198.0, polyfills/internal/crypto/_keys.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const { Symbol } = primordials;
  const { kKeyObject } = core.loadExtScript(
    "ext:eyot_node/deno/internal/crypto/constants.js"
  );
  const kKeyType = Symbol("kKeyType");
  function isKeyObject(obj) {
    return obj != null && obj[kKeyType] !== void 0;
  }
  function isCryptoKey(obj) {
    return obj != null && obj[kKeyObject] !== void 0;
  }
  return { kKeyType, isKeyObject, isCryptoKey };
})()
