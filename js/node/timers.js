// node:timers: the timers every script has, as the objects that Node makes of them.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperty, ReflectApply, SafeMap, SymbolDispose, Symbol, SymbolToPrimitive, SymbolFor } = primordials;
  // Taken out of their object: they check that `this` is the global scope or nothing.
  const { setInterval: webInterval, setTimeout: webTimeout } = core.loadExtScript("ext:eyot/timers.js");
  const { clearTimeout: clear } = core.loadExtScript("ext:deno_web/02_timers.js");
  const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");

  // Scripts that use a timer and nothing else of Node's should not wait for all of Node's errors.
  function checkCallback(callback) {
    if (typeof callback === "function") return;
    core.loadExtScript("ext:eyot_node/deno/internal/validators.js").validateFunction(callback, "callback");
  }

  const ENROLLED = Symbol("timer");
  const LONGEST = 2147483647;

  function delayOf(delay) {
    delay = +delay;
    return delay >= 1 && delay <= LONGEST ? delay : 1;
  }

  /** Those of the run that is under way, by the number that a timer is when it is used as one. They go with it. */
  function known() {
    const run = currentRun();
    return run === undefined ? new SafeMap() : run.nodeTimers ??= new SafeMap();
  }

  class Timeout {
    #id;
    #referenced = true;

    constructor(callback, delay, args, repeat) {
      this._idleTimeout = delayOf(delay);
      this._onTimeout = callback;
      this._repeat = repeat ? this._idleTimeout : null;
      this._destroyed = false;
      this._args = args;
      this.#start();
    }

    #start() {
      const call = () => {
        if (this._repeat === null) this.#end();
        // Others may have taken it away (`unenroll`, `close` in another timer's callback).
        if (typeof this._onTimeout === "function") ReflectApply(this._onTimeout, this, this._args);
      };
      this.#id = this._repeat === null
        ? webTimeout(call, this._idleTimeout)
        : webInterval(call, this._repeat);
      known().set(this.#id, this);
    }

    #end() {
      known().delete(this.#id);
      this._destroyed = true;
    }

    ref() {
      this.#referenced = true;
      return this;
    }

    unref() {
      this.#referenced = false;
      return this;
    }

    hasRef() {
      return this.#referenced;
    }

    refresh() {
      if (this._destroyed && this._onTimeout === null) return this;
      clear(this.#id);
      known().delete(this.#id);
      this._destroyed = false;
      this.#start();
      return this;
    }

    close() {
      clear(this.#id);
      this.#end();
      this._onTimeout = null;
      return this;
    }

    [SymbolToPrimitive]() {
      return this.#id;
    }

    [SymbolDispose]() {
      this.close();
    }
  }

  class Immediate {
    #id;
    #referenced = true;

    constructor(callback, args) {
      this._onImmediate = callback;
      this.#id = webTimeout(() => {
        const { _onImmediate: called } = this;
        this._onImmediate = null;
        if (called !== null) ReflectApply(called, this, args);
      }, 0);
    }

    ref() {
      this.#referenced = true;
      return this;
    }

    unref() {
      this.#referenced = false;
      return this;
    }

    hasRef() {
      return this.#referenced;
    }

    close() {
      clear(this.#id);
      this._onImmediate = null;
    }

    [SymbolDispose]() {
      this.close();
    }
  }

  function setTimeout(callback, delay = undefined, ...args) {
    checkCallback(callback);
    return new Timeout(callback, delay, args, false);
  }

  function setInterval(callback, delay = undefined, ...args) {
    checkCallback(callback);
    return new Timeout(callback, delay, args, true);
  }

  function setImmediate(callback, ...args) {
    checkCallback(callback);
    return new Immediate(callback, args);
  }

  function clearTimeout(timer) {
    if (timer === null || timer === undefined) return;
    if (timer instanceof Timeout) {
      timer.close();
      return;
    }
    const found = known().get(+timer);
    if (found !== undefined) found.close();
    else if (typeof timer === "number" || typeof timer === "string") clear(+timer);
  }

  function clearImmediate(immediate) {
    if (immediate instanceof Immediate) immediate.close();
  }

  const custom = SymbolFor("nodejs.util.promisify.custom");
  const promised = (name) => ({
    __proto__: null,
    get: () => core.loadExtScript("ext:eyot_node/timers_promises.js")[name],
    enumerable: true,
    configurable: true,
  });
  ObjectDefineProperty(setTimeout, custom, promised("setTimeout"));
  ObjectDefineProperty(setImmediate, custom, promised("setImmediate"));

  /** The oldest form: an object that is its own timer. */
  function enroll(item, delay) {
    item._idleTimeout = delayOf(delay);
  }
  function unenroll(item) {
    clearTimeout(item instanceof Timeout ? item : item[ENROLLED]);
    item._idleTimeout = -1;
  }
  function active(item) {
    if (!(item._idleTimeout >= 0)) return;
    clearTimeout(item[ENROLLED]);
    item[ENROLLED] = new Timeout(() => item._onTimeout?.(), item._idleTimeout, [], false);
  }

  const exported = {
    active,
    clearImmediate,
    clearInterval: clearTimeout,
    clearTimeout,
    enroll,
    setImmediate,
    setInterval,
    setTimeout,
    unenroll,
  };
  const promises = {
    __proto__: null,
    get: () => core.loadExtScript("ext:eyot_node/timers_promises.js").default,
    enumerable: true,
    configurable: true,
  };
  return ObjectDefineProperty({ ...exported, default: ObjectDefineProperty(exported, "promises", promises) }, "promises", promises);
})()
