// deno_node 0.198.0, polyfills/path/mod.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core } = __bootstrap;
  const { isWindows } = core.loadExtScript("ext:eyot_node/system.js");
  const _win32 = core.loadExtScript("ext:eyot_node/deno/path/_win32.js").default;
  const _posix = core.loadExtScript("ext:eyot_node/deno/path/_posix.js").default;
  const win32 = {
    ..._win32,
    win32: null,
    posix: null
  };
  const posix = {
    ..._posix,
    win32: null,
    posix: null
  };
  posix.win32 = win32.win32 = win32;
  posix.posix = win32.posix = posix;
  const path = isWindows ? win32 : posix;
  const {
    basename,
    delimiter,
    dirname,
    extname,
    format,
    isAbsolute,
    join,
    normalize,
    parse,
    relative,
    resolve,
    sep,
    toNamespacedPath,
    _makeLong,
    matchesGlob
  } = path;
  const { common } = core.loadExtScript("ext:eyot_node/deno/path/common.js");
  return {
    win32,
    posix,
    basename,
    delimiter,
    dirname,
    extname,
    format,
    isAbsolute,
    join,
    normalize,
    parse,
    relative,
    resolve,
    sep,
    toNamespacedPath,
    _makeLong,
    matchesGlob,
    common,
    default: path
  };
})()
