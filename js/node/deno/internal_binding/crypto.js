// deno_node 0.198.0, polyfills/internal_binding/crypto.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const { timingSafeEqual } = core.loadExtScript(
    "ext:eyot_node/deno/internal_binding/_timingSafeEqual.js"
  );
  const { Error } = primordials;
  function getFipsCrypto() {
    return false;
  }
  function setFipsCrypto(_fips) {
    throw new Error("FIPS mode is not supported in Deno.");
  }
  return { timingSafeEqual, getFipsCrypto, setFipsCrypto };
})()
