// Console: https://console.spec.whatwg.org/, written to the request's log. Where somebody watches the script live, the
// values that were logged go along as JSON, as Workers' tails have them.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ErrorPrototype,
    FunctionPrototypeBind,
    JSONStringify,
    ObjectCreate,
    ObjectDefineProperty,
    ObjectGetPrototypeOf,
    ObjectKeys,
    ObjectPrototype,
    ObjectPrototypeIsPrototypeOf,
    String,
    SymbolToStringTag,
  } = primordials;
  const { op_eyot_log, op_eyot_log_is_watched, op_eyot_log_values } = core.ops;
  const { methodsFor, newState } = core.loadExtScript("ext:eyot/console_methods.js");
  const { currentId } = core.loadExtScript("ext:eyot/dispatch.js");
  const { describe } = core.loadExtScript("ext:eyot/thrown.js");

  /** The level of what a method writes: 0 debug, 1 log and info, 2 warn, 3 error. */
  const LEVELS = { __proto__: null, assert: 2, debug: 0, error: 3, warn: 2 };

  function write(name, text, values) {
    const id = currentId();
    const level = LEVELS[name] ?? 1;
    // Making JSON of values may run the script's own code, which may log.
    if (values !== undefined && op_eyot_log_is_watched(id)) op_eyot_log_values(id, level, name === "info", text, listOf(values));
    else op_eyot_log(id, level, text);
  }

  const state = newState({ write, warn: (text) => write("warn", text) });
  const methods = methodsFor(() => state);

  // As the standard wants it: with a prototype of its own that has nothing.
  const console = ObjectCreate({}, {
    [SymbolToStringTag]: { __proto__: null, value: "console", configurable: true },
  });
  const names = ObjectKeys(methods);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const method = FunctionPrototypeBind(methods[name], methods);
    ObjectDefineProperty(method, "name", { __proto__: null, value: name, configurable: true });
    ObjectDefineProperty(method, "length", { __proto__: null, value: 0, configurable: true });
    console[name] = method;
  }

  /** These values as a list in JSON. */
  function listOf(values) {
    let text = "[";
    for (let index = 0; index < values.length; ++index) {
      text += (index === 0 ? "" : ",") + jsonOf(values[index]);
    }
    return text + "]";
  }

  /** A value as JSON: itself where JSON has the like of it, otherwise as text. */
  function jsonOf(value) {
    try {
      if (isPlain(value)) {
        const json = JSONStringify(value);
        if (json !== undefined) return json;
      }
    } catch {
      // A cycle, a BigInt within, a getter that throws: as text.
    }
    try {
      const isError = ObjectPrototypeIsPrototypeOf(ErrorPrototype, value);
      return JSONStringify(isError ? describe(value) : String(value));
    } catch {
      return '"a value that cannot be shown"';
    }
  }

  function isPlain(value) {
    if (typeof value !== "object") return typeof value !== "bigint";
    if (value === null || ArrayIsArray(value)) return true;
    const prototype = ObjectGetPrototypeOf(value);
    return prototype === null || prototype === ObjectPrototype || typeof value.toJSON === "function";
  }

  return { console };
})()
