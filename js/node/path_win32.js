// node:path/win32
(function () {
  const { win32, posix } = __bootstrap.core.loadExtScript("ext:eyot_node/deno/path/mod.js");
  return { ...win32, posix, win32, default: win32 };
})()
