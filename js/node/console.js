// node:console: the console that every script has, and the class that makes others, which write to streams of the script's.
// https://nodejs.org/api/console.html
(function () {
  const { core, primordials } = __bootstrap;
  const { FunctionPrototypeBind, ObjectDefineProperty, ObjectKeys, RangeError, ReflectApply, ReflectConstruct, SafeWeakMap, SymbolHasInstance } =
    primordials;
  const { console } = core.loadExtScript("ext:eyot/console.js");
  const { methodsFor, newState } = core.loadExtScript("ext:eyot/console_methods.js");
  const { ERR_CONSOLE_WRITABLE_STREAM } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { validateArray, validateInteger, validateObject } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  /** What each console keeps. */
  const states = new SafeWeakMap();

  const ignore = () => {};

  /** What goes to the stream for errors. */
  const TO_STDERR = { __proto__: null, assert: true, error: true, trace: true, warn: true };

  function write(stream, text, ignoreErrors) {
    if (!ignoreErrors) {
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

  const methods = methodsFor((made) => states.get(made));
  const { table } = methods;
  methods.table = function (data, properties = undefined) {
    if (properties !== undefined) validateArray(properties, "properties");
    ReflectApply(table, this, [data, properties]);
  };

  function Console(options, stderr = undefined, ignoreErrors = undefined) {
    if (new.target === undefined) return ReflectConstruct(Console, arguments);
    if (!options || typeof options.write === "function") options = { stdout: options, stderr, ignoreErrors };
    const { stdout, stderr: errors = stdout, ignoreErrors: ignores = true, inspectOptions, groupIndentation = 2 } = options;
    if (typeof stdout?.write !== "function") throw new ERR_CONSOLE_WRITABLE_STREAM("stdout");
    if (typeof errors?.write !== "function") throw new ERR_CONSOLE_WRITABLE_STREAM("stderr");
    if (inspectOptions !== undefined) validateObject(inspectOptions, "options.inspectOptions");
    validateInteger(groupIndentation, "groupIndentation", 0, 1000);
    const writeTo = (name, text) => write(TO_STDERR[name] ? errors : stdout, text, ignores);
    states.set(this, newState({ write: writeTo, inspectOptions, groupIndentation }));
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
