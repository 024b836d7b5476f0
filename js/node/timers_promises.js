// node:timers/promises
(function () {
  const { core, primordials } = __bootstrap;
  const { Promise, PromiseReject, SafePromisePrototypeFinally } = primordials;
  // Loaded when it is used: it loads this file.
  const lazyTimers = () => core.loadExtScript("ext:eyot_node/timers.js");
  const start = (delay) => (done) => lazyTimers().setTimeout(done, delay);
  const stop = (timer) => lazyTimers().clearTimeout(timer);
  const { AbortError } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { validateAbortSignal, validateBoolean, validateObject } = core.loadExtScript(
    "ext:eyot_node/deno/internal/validators.js",
  );

  function checked(options) {
    if (options === undefined) return undefined;
    validateObject(options, "options");
    if (options.signal !== undefined) validateAbortSignal(options.signal, "options.signal");
    if (options.ref !== undefined) validateBoolean(options.ref, "options.ref");
    return options.signal;
  }

  const aborted = (signal) => new AbortError(undefined, { cause: signal.reason });

  function waiting(begin, end, value, options) {
    let signal;
    try {
      signal = checked(options);
    } catch (error) {
      return PromiseReject(error);
    }
    if (signal?.aborted) return PromiseReject(aborted(signal));
    let left = () => {};
    const promise = new Promise((resolve, reject) => {
      const timer = begin(() => resolve(value));
      if (signal === undefined) return;
      const leave = () => {
        end(timer);
        reject(aborted(signal));
      };
      signal.addEventListener("abort", leave, { once: true });
      left = () => signal.removeEventListener("abort", leave);
    });
    return signal === undefined ? promise : SafePromisePrototypeFinally(promise, left);
  }

  const setTimeout = (delay, value, options) =>
    waiting(start(delay), stop, value, options);

  const setImmediate = (value, options) =>
    waiting((done) => lazyTimers().setImmediate(done), (timer) => lazyTimers().clearImmediate(timer), value, options);

  async function* setInterval(delay, value, options) {
    const signal = checked(options);
    while (true) {
      await waiting(start(delay), stop, undefined, { signal });
      yield value;
    }
  }

  const scheduler = {
    wait: (delay, options) => setTimeout(delay, undefined, options),
    yield: () => setImmediate(),
  };

  const exported = { scheduler, setImmediate, setInterval, setTimeout };
  return { ...exported, default: exported };
})()
