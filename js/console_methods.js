// What the methods of a console do, whatever it writes to: https://console.spec.whatwg.org/, with the texts that Node.js
// makes, https://nodejs.org/api/console.html
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ErrorCaptureStackTrace, MathFloor, MathMin, Number, NumberPrototypeToFixed, ReflectApply, SafeMap, StringPrototypeIndexOf,
    StringPrototypePadStart, StringPrototypeRepeat, StringPrototypeSlice,
  } = primordials;
  const { op_eyot_now } = core.ops;

  // Loaded when a value is first shown: most that is logged is text.
  const inspecting = () => core.loadExtScript("ext:eyot_node/lib/internal/util/inspect.js");
  const tables = () => core.loadExtScript("ext:eyot/console_table.js");

  // How far groups move their lines: no single one moves them further in Node.
  const INDENT_MAX = 1000;

  /**
   * What a console keeps. `write(name, text, values)` gets the name of the method that writes, a text without its line
   * feed, and what the text is made of if that is all it shows; `warn(text)` what is wrong with a label.
   */
  const newState = ({ write, warn = () => {}, inspectOptions = undefined, groupIndentation = 2 }) => ({
    __proto__: null,
    write,
    warn,
    inspectOptions,
    groupIndentation,
    depth: 0,
    counts: new SafeMap(),
    times: new SafeMap(),
  });

  function textOf({ inspectOptions }, values) {
    if (values.length === 0) return "";
    if (values.length === 1 && typeof values[0] === "string") return values[0];
    const { format, formatWithOptions } = inspecting();
    if (inspectOptions === undefined) return ReflectApply(format, undefined, values);
    return formatWithOptions({ ...inspectOptions }, ...values);
  }

  function write(state, name, text, values) {
    const indent = StringPrototypeRepeat(" ", MathMin(state.depth * state.groupIndentation, INDENT_MAX));
    state.write(name, indent === "" ? text : indented(text, indent), values);
  }

  /** A text with each line behind `indent`: line by line, since V8 does not look for a termination while it replaces. */
  function indented(text, indent) {
    let made = indent;
    let from = 0;
    for (let at = StringPrototypeIndexOf(text, "\n"); at !== -1; at = StringPrototypeIndexOf(text, "\n", from)) {
      made += StringPrototypeSlice(text, from, at + 1) + indent;
      from = at + 1;
    }
    return made + StringPrototypeSlice(text, from);
  }

  function writeTime(state, name, label, values) {
    const since = state.times.get(label);
    if (since === undefined) state.warn(`No such label '${label}' for console.${name}()`);
    else write(state, name, textOf(state, ["%s: %s", label, durationText(op_eyot_now() - since), ...values]));
  }

  /** A duration in milliseconds as Node prints it. */
  function durationText(ms) {
    if (ms < 1000) return `${Number(NumberPrototypeToFixed(ms, 3))}ms`;
    if (ms < 60_000) return `${NumberPrototypeToFixed(ms / 1000, 3)}s`;
    const hours = MathFloor(ms / 3_600_000);
    const minutes = `${MathFloor((ms % 3_600_000) / 60_000)}`;
    const seconds = StringPrototypePadStart(NumberPrototypeToFixed((ms % 60_000) / 1000, 3), 6, "0");
    return hours === 0
      ? `${minutes}:${seconds} (m:ss.mmm)`
      : `${hours}:${StringPrototypePadStart(minutes, 2, "0")}:${seconds} (h:mm:ss.mmm)`;
  }

  /** A method that prints what it is called with. */
  const printing = (stateOf, name) => ({
    [name](...values) {
      const state = stateOf(this);
      write(state, name, textOf(state, values), values);
    },
  })[name];

  /** The methods of a console whose state `stateOf(this)` is. Like Node's, some call others that `this` has. */
  const methodsFor = (stateOf) => ({
    log: printing(stateOf, "log"),
    debug: printing(stateOf, "debug"),
    info: printing(stateOf, "info"),
    warn: printing(stateOf, "warn"),
    error: printing(stateOf, "error"),
    dirxml: printing(stateOf, "dirxml"),
    dir(value, options = undefined) {
      const state = stateOf(this);
      write(state, "dir", inspecting().inspect(value, { customInspect: false, ...state.inspectOptions, ...options }));
    },
    trace(...values) {
      const state = stateOf(this);
      const error = { name: "Trace", message: textOf(state, values) };
      ErrorCaptureStackTrace(error, this.trace);
      write(state, "trace", error.stack);
    },
    assert(condition, ...values) {
      if (condition) return;
      if (typeof values[0] === "string") values[0] = `Assertion failed: ${values[0]}`;
      else values = ["Assertion failed", ...values];
      ReflectApply(this.warn, this, values);
    },
    clear() {
      stateOf(this).depth = 0;
    },
    count(label = "default") {
      label = `${label}`;
      const { counts } = stateOf(this);
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      this.log(`${label}: ${count}`);
    },
    countReset(label = "default") {
      label = `${label}`;
      const { counts, warn } = stateOf(this);
      if (!counts.delete(label)) warn(`Count for '${label}' does not exist`);
    },
    group(...values) {
      if (values.length > 0) ReflectApply(this.log, this, values);
      stateOf(this).depth++;
    },
    groupCollapsed(...values) {
      ReflectApply(this.group, this, values);
    },
    groupEnd() {
      const state = stateOf(this);
      if (state.depth > 0) state.depth--;
    },
    table(data, properties = undefined) {
      const text = tables().table(data, properties);
      if (text === undefined) this.log(data);
      else write(stateOf(this), "table", text);
    },
    time(label = "default") {
      label = `${label}`;
      const { times, warn } = stateOf(this);
      if (times.has(label)) warn(`Label '${label}' already exists for console.time()`);
      else times.set(label, op_eyot_now());
    },
    timeLog(label = "default", ...values) {
      writeTime(stateOf(this), "timeLog", `${label}`, values);
    },
    timeEnd(label = "default") {
      label = `${label}`;
      const state = stateOf(this);
      writeTime(state, "timeEnd", label, []);
      state.times.delete(label);
    },
    profile() {},
    profileEnd() {},
    timeStamp() {},
  });

  return { methodsFor, newState };
})()
