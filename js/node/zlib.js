// node:zlib, with every constant by its own name too, as it was before there was `zlib.constants`.
(function () {
  const zlib = __bootstrap.core.loadExtScript("ext:eyot_node/deno/zlib.js");
  return { ...zlib.constants, ...zlib };
})()
