// node:util/types. No value here comes from outside of V8.
(function () {
  const types = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/util/types.js");
  return { ...types, isExternal: () => false };
})()
