// Console: https://console.spec.whatwg.org/, written to the request's log. Where somebody watches the script live, the
// values that were logged go along as JSON, as Workers' tails have them.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypeUnshift,
    ErrorPrototype,
    JSONStringify,
    ObjectGetPrototypeOf,
    ObjectPrototype,
    ObjectPrototypeIsPrototypeOf,
    ReflectApply,
    String,
  } = primordials;
  const { op_eyot_log, op_eyot_log_is_watched, op_eyot_log_values, op_eyot_print_begin, op_eyot_print_end } = core.ops;
  const { Console, setNoColorFns } = core.loadExtScript("ext:deno_web/01_console.js");
  const { currentId } = core.loadExtScript("ext:eyot/dispatch.js");
  const { format, inspect, table } = core.loadExtScript("ext:eyot/console_format.js");
  const { describe } = core.loadExtScript("ext:eyot/thrown.js");

  // Logs go to files and other programs as well: no terminal colours.
  setNoColorFns(
    () => true,
    () => true,
  );

  // What the method that is printing was called with; none in methods that make up their own text.
  let written = null;

  // The printer gets whole messages, each ending in a line feed, and a level: 0 debug, 1 log and info, 2 warn, 3 error.
  const console = new Console((message, level) => {
    const id = currentId();
    if (!op_eyot_log_is_watched(id)) {
      op_eyot_log(id, level, message);
    } else if (written === null) {
      op_eyot_log(id, level, message);
    } else {
      const { values, isInfo } = written;
      // Making JSON of values may run the script's own code, which may log.
      written = null;
      op_eyot_log_values(id, level, isInfo, message, listOf(values));
    }
  });

  // Groups that are open.
  let groups = 0;

  /** The same method; what it allocates counts. */
  const counted = (name, method) => ({
    [name](...values) {
      op_eyot_print_begin();
      try {
        ReflectApply(method, console, values);
      } finally {
        op_eyot_print_end();
      }
    },
  })[name];

  /** A method that prints a text; what it allocates counts if each line is indented, by up to two kilobytes. */
  const indenting = (name) => {
    const method = console[name];
    const indented = counted(name, method);
    return (...values) => ReflectApply(groups === 0 ? method : indented, console, values);
  };
  const plain = {
    __proto__: null,
    debug: indenting("debug"),
    error: indenting("error"),
    info: indenting("info"),
    log: indenting("log"),
    warn: indenting("warn"),
  };
  const print = (name, values) => {
    const before = written;
    written = { __proto__: null, values, isInfo: name === "info" };
    try {
      if (values.length === 0) plain[name]();
      else plain[name]("%s", format(values));
    } finally {
      written = before;
    }
  };
  console.debug = { debug: (...values) => print("debug", values) }.debug;
  console.error = { error: (...values) => print("error", values) }.error;
  console.info = { info: (...values) => print("info", values) }.info;
  console.log = { log: (...values) => print("log", values) }.log;
  console.warn = { warn: (...values) => print("warn", values) }.warn;

  const { group, groupCollapsed, groupEnd } = console;
  const others = {
    assert(condition = false, ...values) {
      if (condition) return;
      if (typeof values[0] === "string") values[0] = `Assertion failed: ${values[0]}`;
      else ArrayPrototypeUnshift(values, "Assertion failed");
      print("warn", values);
    },
    dir(value = undefined, options = undefined) {
      plain.log("%s", inspect(value, { __proto__: null, customInspect: false, ...options }));
    },
    dirxml(...values) {
      print("log", values);
    },
    group(...label) {
      ReflectApply(group, console, label);
      groups++;
    },
    groupCollapsed(...label) {
      ReflectApply(groupCollapsed, console, label);
      groups++;
    },
    groupEnd() {
      groupEnd();
      if (groups > 0) groups--;
    },
    table(data = undefined, properties = undefined) {
      const text = table(data, properties);
      if (text === undefined) print("log", [data]);
      else plain.log("%s", text);
    },
  };
  console.assert = others.assert;
  console.dir = others.dir;
  console.dirxml = others.dirxml;
  console.group = others.group;
  console.groupCollapsed = others.groupCollapsed;
  console.groupEnd = others.groupEnd;
  console.table = others.table;
  // Makes text of values by itself.
  console.timeLog = counted("timeLog", console.timeLog);

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
