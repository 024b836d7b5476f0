// node:assert/strict
(function () {
  const { strict } = __bootstrap.core.loadExtScript("ext:eyot_node/deno/assert.js");
  return { ...strict, strict, default: strict };
})()
