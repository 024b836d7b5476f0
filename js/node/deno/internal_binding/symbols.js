// deno_node 0.198.0, polyfills/internal_binding/symbols.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { primordials } = __bootstrap;
  const { Symbol } = primordials;
  const asyncIdSymbol = Symbol("asyncIdSymbol");
  const ownerSymbol = Symbol("ownerSymbol");
  return {
    asyncIdSymbol,
    ownerSymbol
  };
})()
