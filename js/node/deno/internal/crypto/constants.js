// deno_node 0.198.0, polyfills/internal/crypto/constants.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { internals, primordials } = __bootstrap;
  const { Symbol } = primordials;
  const kHandle = Symbol("kHandle");
  const kKeyObject = Symbol("kKeyObject");
  return { kHandle, kKeyObject };
})()
