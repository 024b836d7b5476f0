// Timers: Deno's, refused at the top level, where a snapshot could not hold them, and ended with their request.
(function () {
  const { core, primordials } = __bootstrap;
  const { ReflectApply, SafeSet, SafeSetIterator, SetPrototypeAdd, SetPrototypeDelete, TypeError } = primordials;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  // Taken out of their object: they check that `this` is the global scope or nothing.
  const { clearTimeout: denoClearTimeout, setInterval: denoSetInterval, setTimeout: denoSetTimeout } = core.loadExtScript(
    "ext:deno_web/02_timers.js",
  );
  const { reportException } = core.loadExtScript("ext:deno_web/02_event.js");
  const { charge, runOrRefuse } = core.loadExtScript("ext:eyot/dispatch.js");

  function keep(run, id) {
    // A run that is over has nothing left to wait for: its timer would fire in another request's time.
    if (run.over) {
      denoClearTimeout(id);
      return id;
    }
    run.timers ??= new SafeSet();
    SetPrototypeAdd(run.timers, id);
    return id;
  }

  /** The callback, once every argument has been looked at. Code as a string would be `eval`. */
  function checked(self, count, callback, name) {
    if (self !== undefined && self !== null && self !== globalThis) throw new TypeError("Illegal invocation");
    webidl.requiredArguments(count, 1, `Failed to execute '${name}'`);
    if (typeof callback !== "function") {
      throw new TypeError(`Failed to execute '${name}': the callback is not a function.`);
    }
  }

  /** https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timer-initialisation-steps: a task that throws ends there. */
  function call(callback, args) {
    try {
      ReflectApply(callback, globalThis, args);
    } catch (error) {
      reportException(error);
    }
  }

  /** Has Deno's `native` call back on the account of the run that asks; a timer that fires once is forgotten then. */
  function start(native, once, callback, timeout, args) {
    const run = runOrRefuse();
    const id = native(() => {
      charge(run);
      if (once && run.timers !== null) SetPrototypeDelete(run.timers, id);
      call(callback, args);
    }, webidl.converters.long(timeout));
    return keep(run, id);
  }

  // Methods, which Web IDL's operations are like: no constructors.
  const operations = {
    setTimeout(callback, timeout = 0, ...args) {
      checked(this, arguments.length, callback, "setTimeout");
      return start(denoSetTimeout, true, callback, timeout, args);
    },

    setInterval(callback, timeout = 0, ...args) {
      checked(this, arguments.length, callback, "setInterval");
      return start(denoSetInterval, false, callback, timeout, args);
    },

    // Their argument is optional: as a parameter it would be a length of 1.
    clearTimeout() {
      ReflectApply(denoClearTimeout, this, arguments);
    },

    clearInterval() {
      ReflectApply(denoClearTimeout, this, arguments);
    },
  };
  const { clearInterval, clearTimeout, setInterval, setTimeout } = operations;

  function clearAll(run) {
    for (const id of new SafeSetIterator(run.timers)) denoClearTimeout(id);
    run.timers = null;
  }

  return { clearAll, clearInterval, clearTimeout, setInterval, setTimeout };
})()
