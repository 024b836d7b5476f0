// node:console: the console that every script has, and the class that makes others, which write to streams of the script's.
// https://nodejs.org/api/console.html
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ErrorCaptureStackTrace, FunctionPrototypeBind, ObjectDefineProperty, ObjectKeys, RangeError,
    ReflectApply, ReflectConstruct, SafeMap, SafeWeakMap, StringPrototypeRepeat, StringPrototypeReplaceAll, StringPrototypeSlice, SymbolHasInstance,
  } = primordials;
  const { op_eyot_now } = core.ops;
  const { console } = core.loadExtScript("ext:eyot/console.js");
  const { table } = core.loadExtScript("ext:eyot/console_format.js");
  const { formatWithOptions, inspect } = core.loadExtScript("ext:eyot_node/deno/internal/util/inspect.js");
  const { ERR_CONSOLE_WRITABLE_STREAM } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { validateArray, validateInteger, validateObject } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  const OUT = "stdout";
  const ERR = "stderr";

  /** What each console keeps. */
  const states = new SafeWeakMap();
  const stateOf = (made) => states.get(made);

  const ignore = () => {};

  function write(state, to, text) {
    if (state.indent !== "") text = state.indent + StringPrototypeReplaceAll(text, "\n", `\n${state.indent}`);
    const stream = state[to];
    if (!state.ignoreErrors) {
      stream.write(`${text}\n`);
      return;
    }
    try {
      stream.once?.("error", ignore);
      stream.write(`${text}\n`);
    } catch (error) {
      if (error instanceof RangeError) throw error;
    } finally {
      stream.removeListener?.("error", ignore);
    }
  }

  const say = (made, to, values) => {
    const state = stateOf(made);
    write(state, to, formatWithOptions({ ...state.inspectOptions }, ...values));
  };

  const methods = {
    log(...values) {
      say(this, OUT, values);
    },
    warn(...values) {
      say(this, ERR, values);
    },
    dir(value, options = undefined) {
      const state = stateOf(this);
      write(state, OUT, inspect(value, { customInspect: false, ...state.inspectOptions, ...options }));
    },
    trace(...values) {
      const state = stateOf(this);
      const error = { name: "Trace", message: formatWithOptions({ ...state.inspectOptions }, ...values) };
      ErrorCaptureStackTrace(error, methods.trace);
      this.error(error.stack);
    },
    assert(condition, ...values) {
      if (condition) return;
      if (typeof values[0] === "string") values[0] = `Assertion failed: ${values[0]}`;
      ReflectApply(this.warn, this, values.length === 0 ? ["Assertion failed"] : values);
    },
    clear() {},
    count(label = "default") {
      const { counts } = stateOf(this);
      const count = (counts.get(`${label}`) ?? 0) + 1;
      counts.set(`${label}`, count);
      this.log(`${label}: ${count}`);
    },
    countReset(label = "default") {
      stateOf(this).counts.delete(`${label}`);
    },
    group(...values) {
      if (values.length > 0) ReflectApply(this.log, this, values);
      const state = stateOf(this);
      state.indent += StringPrototypeRepeat(" ", state.groupIndentation);
    },
    groupEnd() {
      const state = stateOf(this);
      state.indent = StringPrototypeSlice(state.indent, 0, state.indent.length - state.groupIndentation);
    },
    table(data, properties = undefined) {
      if (properties !== undefined) validateArray(properties, "properties");
      this.log(table(data, properties) ?? data);
    },
    time(label = "default") {
      const { times } = stateOf(this);
      if (!times.has(`${label}`)) times.set(`${label}`, op_eyot_now());
    },
    timeLog(label = "default", ...values) {
      const { times } = stateOf(this);
      const since = times.get(`${label}`);
      if (since !== undefined) this.log(`${label}: ${op_eyot_now() - since}ms`, ...values);
    },
    timeEnd(label = "default") {
      this.timeLog(label);
      stateOf(this).times.delete(`${label}`);
    },
    profile() {},
    profileEnd() {},
    timeStamp() {},
  };
  methods.debug = methods.info = methods.dirxml = methods.log;
  methods.error = methods.warn;
  methods.groupCollapsed = methods.group;

  function Console(options, stderr = undefined, ignoreErrors = undefined) {
    if (new.target === undefined) return ReflectConstruct(Console, arguments);
    if (!options || typeof options.write === "function") options = { stdout: options, stderr, ignoreErrors };
    const { stdout, stderr: errors = stdout, ignoreErrors: ignores = true, inspectOptions, groupIndentation = 2 } = options;
    if (typeof stdout?.write !== "function") throw new ERR_CONSOLE_WRITABLE_STREAM("stdout");
    if (typeof errors?.write !== "function") throw new ERR_CONSOLE_WRITABLE_STREAM("stderr");
    if (inspectOptions !== undefined) validateObject(inspectOptions, "options.inspectOptions");
    validateInteger(groupIndentation, "groupIndentation", 0, 1000);
    states.set(this, {
      __proto__: null, stdout, stderr: errors, ignoreErrors: !!ignores, inspectOptions, groupIndentation, indent: "", counts: new SafeMap(),
      times: new SafeMap(),
    });
    // Each console's own, so that they can be handed around; those of a class that extends this one as well.
    const names = ObjectKeys(methods);
    for (let i = 0; i < names.length; i++) this[names[i]] = FunctionPrototypeBind(this[names[i]], this);
  }
  const put = (target, values) => {
    const names = ObjectKeys(values);
    for (let i = 0; i < names.length; i++) {
      ObjectDefineProperty(target, names[i], { __proto__: null, value: values[names[i]], writable: true, configurable: true });
    }
  };
  put(Console.prototype, methods);
  ObjectDefineProperty(Console, SymbolHasInstance, { __proto__: null, value: (value) => value === console || states.has(value) });

  const besides = { Console, context: () => console, createTask: () => ({ run: (task) => ReflectApply(task, undefined, []) }) };
  put(console, besides);
  return { ...console, ...besides, default: console };
})()
