// deno_node 0.198.0, polyfills/internal/error_codes.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const codes = {};
  return { codes };
})()
