// deno_node 0.198.0, polyfills/internal/assert.mjs, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core } = __bootstrap;
  const { ERR_INTERNAL_ASSERTION } = core.loadExtScript(
    "ext:eyot_node/deno/internal/errors.js"
  );
  function assert(value, message) {
    if (!value) {
      throw new ERR_INTERNAL_ASSERTION(message);
    }
  }
  function fail(message) {
    throw new ERR_INTERNAL_ASSERTION(message);
  }
  assert.fail = fail;
  return assert;
})()
