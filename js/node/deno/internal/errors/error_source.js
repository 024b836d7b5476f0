// deno_node 0.198.0, polyfills/internal/errors/error_source.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core } = __bootstrap;
  const { op_node_get_first_expression } = core.loadExtScript("ext:eyot_node/host.js");
  return { getErrorSourceExpression: op_node_get_first_expression };
})()
