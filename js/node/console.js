// node:console: the console that every script has, and the class that makes others.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectKeys, ReflectApply, TypeError } = primordials;
  const { console } = core.loadExtScript("ext:eyot/console.js");
  const { formatWithOptions } = core.loadExtScript("ext:eyot_node/deno/internal/util/inspect.js");

  const WRITTEN = { __proto__: null, debug: 0, dir: 0, dirxml: 0, error: 1, info: 0, log: 0, trace: 1, warn: 1 };

  /** One that writes to streams of the script's own. */
  function Console(options, stderr = undefined) {
    const streams = typeof options?.write === "function" ? { stdout: options, stderr } : { ...options };
    if (typeof streams.stdout?.write !== "function") {
      throw new TypeError("Console expects a writable stream instance for stdout");
    }
    streams.stderr ??= streams.stdout;
    const made = new.target === undefined ? { __proto__: Console.prototype } : this;
    let depth = "";
    const write = (to, values) => {
      const text = depth + formatWithOptions({ ...streams.inspectOptions }, ...values);
      streams[to === 1 ? "stderr" : "stdout"].write(`${text}\n`);
    };
    const names = ObjectKeys(console);
    for (let i = 0; i < names.length; i++) made[names[i]] ??= console[names[i]];
    for (const name in WRITTEN) made[name] = (...values) => write(WRITTEN[name], values);
    made.assert = (condition, ...values) => {
      if (!condition) write(1, values.length === 0 ? ["Assertion failed"] : [`Assertion failed: ${values[0]}`, ...values.slice(1)]);
    };
    made.group = made.groupCollapsed = (...values) => {
      if (values.length > 0) write(0, values);
      depth += "  ";
    };
    made.groupEnd = () => {
      depth = depth.slice(2);
    };
    return made;
  }

  const context = () => console;
  const createTask = () => ({ run: (task) => ReflectApply(task, undefined, []) });
  const whole = { ...console, Console, context, createTask };
  return { ...whole, default: whole };
})()
