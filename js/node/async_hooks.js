// node:async_hooks: values carried along with asynchronous work. Every script has it, with any flags or none.
//
// The values of all storages are one immutable record that V8 carries through promises, deno_core through timers and
// host calls (its continuation data). A storage keeps its value there under a symbol of its own; the run that the work
// belongs to is another entry of the same record and never in reach of a script.
// https://nodejs.org/api/async_context.html; where Workers differs, createHook() does nothing and ids are all 0.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    FunctionPrototypeBind,
    ObjectDefineProperties,
    ObjectDefineProperty,
    ReflectApply,
    String,
    Symbol,
    TypeError,
  } = primordials;
  const { getAsyncContext, setAsyncContext } = core;
  const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");

  function checkFunction(value, name) {
    if (typeof value === "function") return;
    const error = new TypeError(`The "${name}" argument must be of type function. Received ${value === null ? "null" : typeof value}`);
    ObjectDefineProperty(error, "code", {
      __proto__: null,
      value: "ERR_INVALID_ARG_TYPE",
      writable: true,
      enumerable: true,
      configurable: true,
    });
    throw error;
  }

  /** Calls within another record, and comes back to the present one whatever happens. */
  function within(record, callback, thisArgument, args) {
    const before = getAsyncContext();
    setAsyncContext(record);
    try {
      return ReflectApply(callback, thisArgument, args);
    } finally {
      setAsyncContext(before);
    }
  }

  /**
   * The record that was taken, in the run that calls: work that one request left behind must not run, be logged or be
   * counted as that request's when another calls it.
   */
  function ofThisRun(record) {
    const run = currentRun();
    if (run === undefined || record?.["eyot.run"] === run) return record;
    return { __proto__: null, ...record, "eyot.run": run };
  }

  class AsyncLocalStorage {
    #key = Symbol("AsyncLocalStorage");
    #defaultValue;
    #name = "";

    constructor(options = undefined) {
      if (options === undefined) return;
      if (options === null || typeof options !== "object") throw new TypeError('The "options" argument must be of type object.');
      this.#defaultValue = options.defaultValue;
      if (options.name !== undefined) this.#name = String(options.name);
    }

    get name() {
      return this.#name;
    }

    #with(value) {
      return { __proto__: null, ...getAsyncContext(), [this.#key]: { __proto__: null, value } };
    }

    run(store, callback, ...args) {
      return within(this.#with(store), callback, undefined, args);
    }

    exit(callback, ...args) {
      return within(this.#with(undefined), callback, undefined, args);
    }

    getStore() {
      const entry = getAsyncContext()?.[this.#key];
      return entry === undefined ? this.#defaultValue : entry.value;
    }

    enterWith(store) {
      setAsyncContext(this.#with(store));
    }

    disable() {
      setAsyncContext(this.#with(undefined));
    }

    static bind(callback) {
      return AsyncResource.bind(callback);
    }

    static snapshot() {
      const record = getAsyncContext();
      return (callback, ...args) => {
        checkFunction(callback, "fn");
        return within(ofThisRun(record), callback, undefined, args);
      };
    }
  }

  class AsyncResource {
    #record = getAsyncContext();

    constructor(type, _options = undefined) {
      if (typeof type !== "string") {
        throw new TypeError(`The "type" argument must be of type string. Received ${type === null ? "null" : typeof type}`);
      }
      this.type = type;
    }

    runInAsyncScope(callback, thisArgument = undefined, ...args) {
      return within(ofThisRun(this.#record), callback, thisArgument, args);
    }

    bind(callback, thisArgument = undefined) {
      checkFunction(callback, "fn");
      const resource = this;
      const bound = thisArgument === undefined
        ? function (...args) {
          return within(ofThisRun(resource.#record), callback, this, args);
        }
        : FunctionPrototypeBind(this.runInAsyncScope, this, callback, thisArgument);
      ObjectDefineProperties(bound, {
        length: { __proto__: null, value: callback.length, writable: false, enumerable: false, configurable: true },
        asyncResource: { __proto__: null, value: this, writable: true, enumerable: true, configurable: true },
      });
      return bound;
    }

    static bind(callback, type = undefined, thisArgument = undefined) {
      checkFunction(callback, "fn");
      return new AsyncResource(type || callback.name || "bound-anonymous-fn").bind(callback, thisArgument);
    }

    asyncId() {
      return 0;
    }

    triggerAsyncId() {
      return 0;
    }

    emitDestroy() {
      return this;
    }
  }

  function createHook() {
    const hook = {
      enable: () => hook,
      disable: () => hook,
    };
    return hook;
  }

  const executionAsyncId = () => 0;
  const triggerAsyncId = () => 0;
  const executionAsyncResource = () => ({ __proto__: null });
  const asyncWrapProviders = { __proto__: null };

  const exported = {
    AsyncLocalStorage,
    AsyncResource,
    asyncWrapProviders,
    createHook,
    executionAsyncId,
    executionAsyncResource,
    triggerAsyncId,
  };
  return { ...exported, default: exported };
})()
