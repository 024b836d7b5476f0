// What Node's own files in lib/ want of the process that they are part of: its modules, as far as they use them, and its
// bindings. The names are Node's.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    Error,
    ErrorPrototype,
    FunctionPrototypeCall,
    ObjectPrototypeIsPrototypeOf,
    RegExpPrototypeSymbolReplace,
    SymbolFor,
  } = primordials;
  const { op_eyot_node_constructor_name, op_eyot_node_script, op_preview_entries } = core.ops;
  const { getOwnNonIndexProperties } = core.loadExtScript("ext:eyot_node/own_properties.js");

  const load = (file) => core.loadExtScript(`ext:eyot_node/${file}`);

  // The printer that Deno gives its classes: it is called with a function that prints and the options to hand to it.
  const DENO_INSPECT = SymbolFor("Deno.privateCustomInspect");

  const isError = (value) => core.isNativeError(value) || ObjectPrototypeIsPrototypeOf(ErrorPrototype, value);

  /** Deno's printer of a value as one that `inspect` calls, if the value has one and is not shown by its stack. */
  function platformInspect(value) {
    const print = value[DENO_INSPECT];
    if (typeof print !== "function" || isError(value)) return undefined;
    return (depth, options, inspect) => {
      // As deep as a class of the script's would be shown: by its name alone.
      if (depth !== null && depth < 0) return value;
      return FunctionPrototypeCall(print, value, inspect, { ...options, depth });
    };
  }

  const COLORS = /\u001b\[\d\d?m/g;

  const MODULES = {
    __proto__: null,
    "buffer": () => ({ Buffer: { prototype: { hexSlice } } }),
    "internal/assert": () => assert,
    "internal/bootstrap/realm": () => ({ BuiltinModule: { exists: (name) => op_eyot_node_script(`node:${name}`) !== null } }),
    "internal/errors": () => ({ isStackOverflowError }),
    "internal/global_names": () => GLOBAL_NAMES,
    "internal/url": () => ({
      URL: core.loadExtScript("ext:deno_web/00_url.js").URL,
      pathToFileURL: (path) => load("deno/url.js").pathToFileURL(path),
    }),
    "internal/util": () => ({
      customInspectSymbol: SymbolFor("nodejs.util.inspect.custom"),
      isError,
      join,
      platformInspect,
      removeColors: (text) => RegExpPrototypeSymbolReplace(COLORS, text, ""),
    }),
    "internal/util/types": () => ({ ...core, isExternal: () => false }),
    "internal/validators": () => ({
      kValidateObjectAllowArray: { __proto__: null, allowArray: true },
      validateObject: (value, name, options) => load("deno/internal/validators.js").validateObject(value, name, options),
      validateString: (value, name) => load("deno/internal/validators.js").validateString(value, name),
    }),
  };

  const BINDINGS = {
    __proto__: null,
    // Widths by the tables that Node has for itself when it is built without ICU.
    config: { hasIntl: false },
    util: {
      constants: { ALL_PROPERTIES: 0, ONLY_ENUMERABLE: 2, kPending: 0, kRejected: 2 },
      getConstructorName: (value) => op_eyot_node_constructor_name(value),
      getOwnNonIndexProperties,
      getPromiseDetails: (promise) => core.getPromiseDetails(promise),
      getProxyDetails(value, both = true) {
        const details = core.getProxyDetails(value);
        if (details === null) return undefined;
        return both ? details : details[0];
      },
      previewEntries: (value, withKind = false) => op_preview_entries(value, withKind),
    },
  };

  function hexSlice(start, end) {
    return load("deno/internal_binding/_utils.js").bytesToHex(primordials.TypedArrayPrototypeSubarray(this, start, end));
  }

  function assert(value, message) {
    if (!value) throw new Error(message ?? "An assertion of Node's failed");
  }

  const isStackOverflowError = (error) =>
    error?.name === "RangeError" && error.message === "Maximum call stack size exceeded";

  function join(texts, separator) {
    let text = "";
    for (let i = 0; i < texts.length; i++) text += i === 0 ? texts[i] : separator + texts[i];
    return text;
  }

  // What the language has, which is what there is when Node loads `inspect`: of those, and of these alone, "%s" shows what
  // `inspect` does, and not what `toString` says.
  const GLOBAL_NAMES = [
    "AggregateError", "Array", "ArrayBuffer", "AsyncDisposableStack", "Atomics", "BigInt", "BigInt64Array", "BigUint64Array",
    "Boolean", "DataView", "Date", "DisposableStack", "Error", "EvalError", "FinalizationRegistry", "Float16Array",
    "Float32Array", "Float64Array", "Function", "Infinity", "Int16Array", "Int32Array", "Int8Array", "Intl", "Iterator", "JSON",
    "Map", "Math", "NaN", "Number", "Object", "Promise", "Proxy", "RangeError", "ReferenceError", "Reflect", "RegExp", "Set",
    "SharedArrayBuffer", "String", "SuppressedError", "Symbol", "SyntaxError", "TypeError", "URIError", "Uint16Array",
    "Uint32Array", "Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakRef", "WeakSet", "WebAssembly",
  ];

  return {
    internalBinding: (name) => BINDINGS[name],
    primordials,
    require: (name) => MODULES[name](),
  };
})()
