// Events: `addEventListener("fetch", ...)` and the other events of the global scope.
//
// https://developers.cloudflare.com/workers/reference/migrate-to-module-workers/ describes the form; the interfaces are
// ServiceWorkers' ExtendableEvent and FetchEvent. Listeners for host events are kept apart and called by dispatch, so
// that what they throw is the request's exception; for all other events the global object is an ordinary EventTarget.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypeIncludes, ArrayPrototypePush, ArrayPrototypeSplice, ArrayPrototypeIndexOf, Error, PromiseResolve,
    ReflectApply, TypeError } = primordials;
  const { loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { EventTarget, setIsTrusted } = loadExtScript("ext:deno_web/02_event.js");
  const { Event } = loadExtScript("ext:eyot/shapes.js");
  const { handlers } = loadExtScript("ext:eyot/dispatch.js");

  const HOST_EVENTS = ["fetch", "scheduled", "queue", "email", "tail", "trace"];
  const kHost = core.ops.op_eyot_hidden_symbol("host");
  const { addEventListener: targetAdd, dispatchEvent: targetDispatch, removeEventListener: targetRemove } =
    EventTarget.prototype;

  function listeners(type) {
    return handlers.listeners[type] ??= [];
  }

  /** The global scope is also what is called on nothing: https://webidl.spec.whatwg.org/#implementation-check-an-object */
  function checkThis(self) {
    if (self !== undefined && self !== null && self !== globalThis) throw new TypeError("Illegal invocation");
  }

  function addListener(type, listener, options = undefined) {
    webidl.requiredArguments(arguments.length, 2, "Failed to execute 'addEventListener'");
    type = `${type}`;
    if (!ArrayPrototypeIncludes(HOST_EVENTS, type)) {
      ReflectApply(targetAdd, globalThis, [type, listener, options]);
      return;
    }
    if (typeof listener !== "function" && typeof listener?.handleEvent !== "function") {
      throw new TypeError("addEventListener(): the listener is neither a function nor an object with handleEvent().");
    }
    if (!ArrayPrototypeIncludes(listeners(type), listener)) ArrayPrototypePush(listeners(type), listener);
  }

  function removeListener(type, listener, options = undefined) {
    webidl.requiredArguments(arguments.length, 2, "Failed to execute 'removeEventListener'");
    type = `${type}`;
    if (!ArrayPrototypeIncludes(HOST_EVENTS, type)) {
      ReflectApply(targetRemove, globalThis, [type, listener, options]);
      return;
    }
    const at = ArrayPrototypeIndexOf(listeners(type), listener);
    if (at >= 0) ArrayPrototypeSplice(listeners(type), at, 1);
  }

  // Methods, which Web IDL's operations are like: no constructors.
  const { addEventListener, dispatchEvent, removeEventListener } = {
    addEventListener(_type, _listener) {
      checkThis(this);
      ReflectApply(addListener, undefined, arguments);
    },

    dispatchEvent(event) {
      checkThis(this);
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'dispatchEvent'");
      return ReflectApply(targetDispatch, globalThis, [event]);
    },

    removeEventListener(_type, _listener) {
      checkThis(this);
      ReflectApply(removeListener, undefined, arguments);
    },
  };

  class ExtendableEvent extends Event {
    #waitUntil;

    constructor(type, init = undefined, host = undefined) {
      super(type, init);
      this.#waitUntil = host?.[kHost];
      if (this.#waitUntil !== undefined) setIsTrusted(this, true);
    }

    waitUntil(promise) {
      if (this.#waitUntil === undefined) throw new TypeError("waitUntil(): the event was not dispatched by the host.");
      this.#waitUntil(promise);
    }
  }

  class FetchEvent extends ExtendableEvent {
    #request;
    #response;

    constructor(type, init, host = undefined) {
      super(type, init, host);
      this.#request = init?.request;
    }

    get request() {
      return this.#request;
    }

    respondWith(response) {
      if (this.#response !== undefined) {
        throw new TypeError("FetchEvent.respondWith() has already been called; it can only be called once.");
      }
      this.#response = PromiseResolve(response);
    }

    passThroughOnException() {}

    static responseOf(event) {
      return event.#response;
    }
  }
  const responseOf = FetchEvent.responseOf;
  delete FetchEvent.responseOf;
  webidl.configureInterface(ExtendableEvent);
  webidl.configureInterface(FetchEvent);

  /** https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/ */
  class ScheduledController {
    constructor({ cron, scheduledTime }) {
      this.cron = cron;
      this.scheduledTime = scheduledTime;
      this.type = "scheduled";
    }

    /** A tick is never run twice: accepted, and changes nothing. */
    noRetry() {}
  }

  class ScheduledEvent extends ExtendableEvent {
    #detail;

    constructor(type, init, host = undefined) {
      super(type, init, host);
      this.#detail = init;
    }

    get cron() {
      return this.#detail?.cron;
    }

    get scheduledTime() {
      return this.#detail?.scheduledTime;
    }

    noRetry() {}
  }

  webidl.configureInterface(ScheduledEvent);

  function call(listener, event) {
    return typeof listener === "function"
      ? ReflectApply(listener, globalThis, [event])
      : listener.handleEvent(event);
  }

  /** Calls every listener of scheduled events; the tick is over when what they return has settled. */
  async function scheduleThroughListeners(detail, waitUntil) {
    const called = listeners("scheduled");
    if (called.length === 0) throw new Error("The script has no scheduled handler.");
    const init = { __proto__: null, cron: detail.cron, scheduledTime: detail.scheduledTime };
    const event = new ScheduledEvent("scheduled", init, { __proto__: null, [kHost]: waitUntil });
    for (let i = 0; i < called.length; i++) await call(called[i], event);
  }

  /** Calls the fetch listeners in order until one has called `respondWith`. */
  function fetchThroughListeners(request, waitUntil) {
    const event = new FetchEvent("fetch", { __proto__: null, request }, { __proto__: null, [kHost]: waitUntil });
    const called = listeners("fetch");
    for (let i = 0; i < called.length; i++) {
      call(called[i], event);
      const response = responseOf(event);
      if (response !== undefined) return response;
    }
    throw new Error(
      called.length === 0
        ? "The script has no fetch handler."
        : "No fetch listener called respondWith(), and there is no origin to pass the request on to.",
    );
  }

  return {
    ExtendableEvent,
    FetchEvent,
    ScheduledController,
    ScheduledEvent,
    addEventListener,
    dispatchEvent,
    fetchThroughListeners,
    removeEventListener,
    scheduleThroughListeners,
  };
})()
