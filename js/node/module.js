// node:module: createRequire, for code that a bundler has left it in.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, ObjectFreeze, SetPrototypeHas, SafeSet, StringPrototypeSlice, StringPrototypeStartsWith } = primordials;
  const { required } = core.loadExtScript("ext:eyot_node/modules.js");
  const { validateString } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  const builtinModules = ObjectFreeze([
    "assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
    "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs", "fs/promises", "http", "http2", "https",
    "inspector", "inspector/promises", "module", "net", "os", "path", "path/posix", "path/win32", "perf_hooks", "process",
    "punycode", "querystring", "readline", "readline/promises", "repl", "stream", "stream/consumers", "stream/promises",
    "stream/web", "string_decoder", "sys", "timers", "timers/promises", "tls", "trace_events", "tty", "url", "util",
    "util/types", "v8", "vm", "wasi", "worker_threads", "zlib",
  ]);
  const known = new SafeSet(builtinModules);

  const bare = (name) => StringPrototypeStartsWith(name, "node:") ? StringPrototypeSlice(name, 5) : name;

  function isBuiltin(name) {
    return typeof name === "string" && SetPrototypeHas(known, bare(name));
  }

  function createRequire(from) {
    if (typeof from !== "string" && typeof from?.href !== "string") validateString(from, "filename");
    function require(name) {
      validateString(name, "id");
      const found = required(`node:${bare(name)}`);
      if (found !== undefined) return found;
      const error = new Error(`Cannot find module '${name}'`);
      error.code = "MODULE_NOT_FOUND";
      throw error;
    }
    require.resolve = (name) => name;
    require.cache = { __proto__: null };
    require.main = undefined;
    return require;
  }

  function Module(id = "") {
    this.id = id;
    this.exports = {};
  }
  Module.builtinModules = builtinModules;
  Module.createRequire = createRequire;
  Module.isBuiltin = isBuiltin;
  Module.Module = Module;

  return { builtinModules, createRequire, isBuiltin, Module, default: Module };
})()
