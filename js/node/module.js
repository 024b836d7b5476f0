// node:module: what packages ask of Node's loader when they are loaded themselves. There is one way in, `require` of a
// built-in module: nothing else can be loaded, found or rewritten here.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush, Error, ObjectFreeze, SetPrototypeHas, SafeSet, StringPrototypeLastIndexOf, StringPrototypeSlice,
    StringPrototypeStartsWith,
  } = primordials;
  const { required } = core.loadExtScript("ext:eyot_node/modules.js");
  const { validateString } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { ERR_METHOD_NOT_IMPLEMENTED } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");

  const builtinModules = ObjectFreeze([
    "_http_agent", "_http_client", "_http_common", "_http_incoming", "_http_outgoing", "_http_server", "_stream_duplex",
    "_stream_passthrough", "_stream_readable", "_stream_transform", "_stream_wrap", "_stream_writable", "_tls_common",
    "_tls_wrap",
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
    return typeof name === "string" && (SetPrototypeHas(known, bare(name)) || name === "node:test");
  }

  function missing(name) {
    const error = new Error(`Cannot find module '${name}'`);
    error.code = "MODULE_NOT_FOUND";
    throw error;
  }

  function load(name) {
    validateString(name, "id");
    return required(`node:${bare(name)}`) ?? missing(name);
  }

  function createRequire(from) {
    if (typeof from !== "string" && typeof from?.href !== "string") validateString(from, "filename");
    const require = (name) => load(name);
    require.resolve = (name) => name;
    require.resolve.paths = () => null;
    require.cache = { __proto__: null };
    require.extensions = Module._extensions;
    require.main = undefined;
    return require;
  }

  const unsupported = (name) => () => {
    throw new ERR_METHOD_NOT_IMPLEMENTED(`module.${name}`);
  };

  function Module(id = "", parent = undefined) {
    this.id = id;
    this.path = StringPrototypeSlice(id, 0, StringPrototypeLastIndexOf(id, "/") + 1);
    this.exports = {};
    this.parent = parent;
    this.filename = null;
    this.loaded = false;
    this.children = [];
    this.paths = [];
  }
  Module.prototype.require = function require(name) {
    return Module._load(name, this, false);
  };
  Module.prototype.load = unsupported("Module.prototype.load");
  Module.prototype._compile = unsupported("Module.prototype._compile");

  class SourceMap {
    #payload;

    constructor(payload) {
      this.#payload = payload;
    }

    get payload() {
      return this.#payload;
    }

    findEntry() {
      return {};
    }

    findOrigin() {
      return {};
    }
  }

  const wrapper = ["(function (exports, require, module, __filename, __dirname) { ", "\n});"];

  function nodeModulePaths(from) {
    const paths = [];
    for (let folder = from; folder.length > 1; folder = StringPrototypeSlice(folder, 0, StringPrototypeLastIndexOf(folder, "/"))) {
      ArrayPrototypePush(paths, `${folder}/node_modules`);
    }
    ArrayPrototypePush(paths, "/node_modules");
    return paths;
  }

  const names = {
    SourceMap,
    _cache: { __proto__: null },
    _debug() {},
    _extensions: { __proto__: null, ".js": unsupported("_extensions"), ".json": unsupported("_extensions"), ".node": unsupported("_extensions") },
    _findPath: () => false,
    _initPaths() {},
    _load: (name) => load(name),
    _nodeModulePaths: nodeModulePaths,
    _pathCache: { __proto__: null },
    _preloadModules() {},
    _resolveFilename: (name) => isBuiltin(name) ? name : missing(name),
    _resolveLookupPaths: (name) => isBuiltin(name) ? null : [],
    builtinModules,
    constants: { compileCacheStatus: { __proto__: null, FAILED: 0, ENABLED: 1, ALREADY_ENABLED: 2, DISABLED: 3 } },
    createRequire,
    enableCompileCache: () => ({ status: 3 }),
    findPackageJSON: () => undefined,
    findSourceMap: () => undefined,
    flushCompileCache() {},
    getCompileCacheDir: () => undefined,
    getSourceMapsSupport: () => ({ __proto__: null, enabled: false, nodeModules: false, generatedCode: false }),
    globalPaths: [],
    isBuiltin,
    register() {},
    registerHooks: () => ({ deregister() {} }),
    runMain() {},
    setSourceMapsSupport() {},
    stripTypeScriptTypes: unsupported("stripTypeScriptTypes"),
    syncBuiltinESMExports() {},
    wrap: (script) => `${wrapper[0]}${script}${wrapper[1]}`,
  };
  for (const name in names) Module[name] = names[name];
  Module.Module = Module;
  Module.wrapper = wrapper;

  return { ...names, Module, default: Module };
})()
