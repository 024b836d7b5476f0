// CommonJS: `require` between the modules of an upload, as Node.js has it.
//
// https://nodejs.org/docs/latest/api/modules.html. The host resolves names and compiles each module as the body of a
// function, so that its stack frames name its file and line; what has been loaded stays loaded for the isolate's life.
// ES modules reach CommonJS ones through `eyot:commonjs`, which the loader imports on their behalf.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    Error,
    FunctionPrototypeCall,
    ObjectDefineProperty,
    ObjectHasOwn,
    SafeMap,
    StringPrototypeLastIndexOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    TypeError,
  } = primordials;
  const {
    op_eyot_commonjs_compile,
    op_eyot_commonjs_resolve,
    op_eyot_main_module,
    op_eyot_module_kind,
    op_eyot_node_script,
  } = core.ops;
  const { loadExtScript } = core;
  const { handlers, environment } = loadExtScript("ext:eyot/dispatch.js");
  const { moduleValue } = loadExtScript("ext:eyot/modules.js");

  /** What `require` gives by a name that is not a module of the upload: loaders by name. */
  const builtins = new SafeMap([
    ["@azure/functions", () => loadExtScript("ext:eyot/form_azure.js").library],
    ["@google-cloud/functions-framework", () => loadExtScript("ext:eyot/form_google.js").library],
  ]);

  // Scripts see it as `require.cache` and may take modules out of it.
  const cache = { __proto__: null };
  let main = null;

  class Module {
    constructor(name) {
      this.id = name === op_eyot_main_module() ? "." : `/${name}`;
      this.filename = `/${name}`;
      this.path = folderOf(this.filename);
      this.exports = {};
      this.loaded = false;
      this.children = [];
      this.paths = [];
    }
  }

  function folderOf(path) {
    const end = StringPrototypeLastIndexOf(path, "/");
    return end <= 0 ? "/" : StringPrototypeSlice(path, 0, end);
  }

  function notFound(specifier, from) {
    const error = new Error(`Cannot find module '${specifier}'\nRequire stack:\n- ${from}`);
    error.code = "MODULE_NOT_FOUND";
    error.requireStack = [from];
    return error;
  }

  function checked(specifier) {
    if (typeof specifier === "string" && specifier !== "") return specifier;
    const error = new TypeError('The "id" argument must be a non-empty string.');
    error.code = "ERR_INVALID_ARG_VALUE";
    throw error;
  }

  /** The `require` of one module. */
  function requireOf(module, name) {
    function require(specifier) {
      specifier = checked(specifier);
      const found = op_eyot_commonjs_resolve(name, specifier);
      if (found !== null) return exportsOf(found, module);
      const builtin = builtinOf(specifier);
      if (builtin !== undefined) return builtin();
      throw notFound(specifier, `/${name}`);
    }
    require.resolve = function resolve(specifier) {
      specifier = checked(specifier);
      const found = op_eyot_commonjs_resolve(name, specifier);
      if (found !== null) return `/${found}`;
      if (builtinOf(specifier) !== undefined) return specifier;
      throw notFound(specifier, `/${name}`);
    };
    require.cache = cache;
    require.main = main;
    return require;
  }

  /** The loader of a module that comes with the runtime: ours, or Node's as far as the script asked for it. */
  function builtinOf(specifier) {
    const own = builtins.get(specifier);
    if (own !== undefined) return own;
    const prefixed = StringPrototypeStartsWith(specifier, "node:");
    const name = prefixed ? specifier : `node:${specifier}`;
    const allowed = environment.node === 2 || environment.node === 1 && prefixed || specifier === "node:async_hooks";
    if (!allowed || op_eyot_node_script(name) === null) return undefined;
    return () => loadExtScript("ext:eyot_node/modules.js").required(name);
  }

  /** What the module of this name exports; evaluates it first when nobody has yet. */
  function exportsOf(name, parent = null) {
    const path = `/${name}`;
    if (ObjectHasOwn(cache, path)) return cache[path]?.exports;
    const kind = op_eyot_module_kind(name);
    if (kind === "esm") {
      const error = new Error(`require() of ES Module ${path} is not supported. Use import() instead.`);
      error.code = "ERR_REQUIRE_ESM";
      throw error;
    }
    const module = new Module(name);
    if (parent !== null) ArrayPrototypePush(parent.children, module);
    if (module.id === ".") main = module;
    cache[path] = module;
    try {
      if (kind === "commonjs") {
        evaluate(module, name);
      } else {
        module.exports = moduleValue(name);
      }
    } catch (error) {
      delete cache[path];
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  function evaluate(module, name) {
    provideProcess();
    const body = op_eyot_commonjs_compile(name);
    const { exports } = module;
    const require = requireOf(module, name);
    module.require = require;
    // The host has the main module give back a function `main` of its own, for the form that exports nothing.
    const found = FunctionPrototypeCall(body, exports, exports, require, module, module.filename, module.path);
    if (module === main && typeof found === "function") handlers.mainFunction = found;
  }

  /** CommonJS code reads its settings from `process.env`: the text bindings, when nothing else has made a `process`. */
  function provideProcess() {
    if ("process" in globalThis) return;
    const process = { env: environment.texts };
    ObjectDefineProperty(globalThis, "process", {
      __proto__: null,
      value: process,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }

  return { builtins, exportsOf };
})()
