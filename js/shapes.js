// Shapes: events and aborting as Web IDL has them, over Deno's.
//
// Deno's own event interfaces read their dictionaries without conversion and keep some members as plain properties.
// Those that Deno's scripts still make (for WebSockets, and for what a listener throws) are made instances of these.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectPrototypeIsPrototypeOf,
    ObjectSetPrototypeOf,
    ReflectApply,
    SafeArrayIterator,
    TypeError,
  } = primordials;
  const { loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const deno = loadExtScript("ext:deno_web/02_event.js");
  const { converters } = webidl;
  const { markNotSerializable } = loadExtScript("ext:eyot/structured_clone.js");

  const member = (key, converter, defaultValue) => ({ __proto__: null, key, converter, defaultValue });
  const required = (key, converter) => ({ __proto__: null, key, converter, required: true });

  function converterOf(name, members) {
    return webidl.createDictionaryConverter(name, members);
  }

  /** Changes some attributes of a property. */
  function amend(target, key, changes) {
    ObjectDefineProperty(target, key, { __proto__: null, ...changes });
  }

  /** Gives accessors their names, and has them refuse objects of another kind. */
  function amendAccessor(target, key, isBranded) {
    const { get, set } = ObjectGetOwnPropertyDescriptor(target, key);
    const check = (self) => {
      if (!isBranded(self)) throw new TypeError("Illegal invocation");
    };
    const named = {
      get [key]() {
        check(this);
        return ReflectApply(get, this, []);
      },
      set [key](value) {
        check(this);
        ReflectApply(set, this, [value]);
      },
    };
    const described = ObjectGetOwnPropertyDescriptor(named, key);
    amend(target, key, {
      get: described.get,
      set: set === undefined ? undefined : described.set,
      enumerable: true,
      configurable: true,
    });
  }

  const isEvent = (value) => ObjectPrototypeIsPrototypeOf(deno.Event.prototype, value);

  // The same getter for every event, as [LegacyUnforgeable] has it.
  const isTrusted = ObjectGetOwnPropertyDescriptor(
    {
      get isTrusted() {
        if (!isEvent(this)) throw new TypeError("Illegal invocation");
        return deno.isTrusted?.(this) ?? ReflectApply(trustedGetter, this, []);
      },
    },
    "isTrusted",
  ).get;
  const trusted = { __proto__: null, get: isTrusted, enumerable: true };
  const trustedGetter = ObjectGetOwnPropertyDescriptor(deno.Event.prototype, "isTrusted")?.get ?? (() => false);

  const {
    _attributes: ATTRIBUTES,
    _canceledFlag: CANCELED,
    _dispatched: DISPATCHED,
    _inPassiveListener: IN_PASSIVE_LISTENER,
    _isTrusted: TRUSTED,
    _path: PATH,
    _stopImmediatePropagationFlag: STOPPED_AT_ONCE,
    _stopPropagationFlag: STOPPED,
  } = deno.eventSlots;

  /** https://dom.spec.whatwg.org/#interface-event: Deno's, with its second argument converted. */
  function Event(type, eventInitDict = { __proto__: null }) {
    if (new.target === undefined) throw new TypeError("Class constructor Event cannot be invoked without 'new'");
    wantType("Event", arguments.length);
    const kind = webidl.type(eventInitDict);
    if (kind !== "Object" && kind !== "Null" && kind !== "Undefined") {
      throw new TypeError("Failed to construct 'Event': Argument 2 can not be converted to a dictionary");
    }
    type = converters.DOMString(type, "Failed to construct 'Event'", "Argument 1");
    const init = eventInitDict ?? { __proto__: null };
    // Deno's constructor, written out: V8 makes a new shape for every object that it is to construct for another class.
    this[CANCELED] = false;
    this[STOPPED] = false;
    this[STOPPED_AT_ONCE] = false;
    this[IN_PASSIVE_LISTENER] = false;
    this[DISPATCHED] = false;
    this[TRUSTED] = false;
    this[PATH] = [];
    this[ATTRIBUTES] = {
      type,
      bubbles: !!init.bubbles,
      cancelable: !!init.cancelable,
      composed: !!init.composed,
      currentTarget: null,
      eventPhase: 0,
      target: null,
      timeStamp: 0,
    };
    ObjectDefineProperty(this, "isTrusted", trusted);
  }
  amend(Event, "prototype", { value: deno.Event.prototype, writable: false });
  amend(Event, "length", { value: 1 });
  amend(Event.prototype, "constructor", { value: Event });
  markNotSerializable(Event.prototype);
  const phases = ["NONE", "CAPTURING_PHASE", "AT_TARGET", "BUBBLING_PHASE"];
  for (let value = 0; value < phases.length; value++) {
    for (const holder of new SafeArrayIterator([Event, Event.prototype])) {
      amend(holder, phases[value], { value, writable: false, enumerable: true, configurable: false });
    }
  }
  for (const name of new SafeArrayIterator(["composedPath", "preventDefault", "stopImmediatePropagation", "stopPropagation"])) {
    const original = Event.prototype[name];
    const branded = {
      [name]() {
        if (!isEvent(this)) throw new TypeError("Illegal invocation");
        return ReflectApply(original, this, []);
      },
    };
    amend(Event.prototype, name, { value: branded[name], enumerable: true });
  }
  const { get: targetOf } = ObjectGetOwnPropertyDescriptor(Event.prototype, "target");
  amend(Event.prototype, "srcElement", { get: targetOf, set: undefined });
  amendAccessor(Event.prototype, "srcElement", isEvent);
  amendAccessor(Event.prototype, "defaultPrevented", isEvent);
  amendAccessor(Event.prototype, "returnValue", isEvent);
  const stop = Event.prototype.stopPropagation;
  const cancelBubbleGetter = ObjectGetOwnPropertyDescriptor(Event.prototype, "cancelBubble").get;
  amend(Event.prototype, "cancelBubble", {
    get: cancelBubbleGetter,
    set(value) {
      if (value) ReflectApply(stop, this, []);
    },
    configurable: true,
  });
  amendAccessor(Event.prototype, "cancelBubble", isEvent);

  const flags = [CANCELED, STOPPED, STOPPED_AT_ONCE];
  const initializers = {
    /** https://dom.spec.whatwg.org/#dom-event-initevent */
    initEvent(type, bubbles = false, cancelable = false) {
      if (!isEvent(this)) throw new TypeError("Illegal invocation");
      wantType("Event", arguments.length);
      type = converters.DOMString(type, "Failed to execute 'initEvent' on 'Event'", "Argument 1");
      if (this[DISPATCHED] || this.eventPhase !== 0) return;
      for (let i = 0; i < flags.length; i++) this[flags[i]] = false;
      this[TRUSTED] = false;
      const state = this[ATTRIBUTES];
      state.target = null;
      state.type = type;
      state.bubbles = !!bubbles;
      state.cancelable = !!cancelable;
    },
  };
  amend(Event.prototype, "initEvent", {
    value: initializers.initEvent,
    writable: true,
    enumerable: true,
    configurable: true,
  });

  /** https://dom.spec.whatwg.org/#dom-eventtarget-addeventlistener: Deno's takes any callback. */
  function checkCallback(callback, name) {
    if (callback !== null && callback !== undefined && typeof callback !== "object" && typeof callback !== "function") {
      throw new TypeError(`Failed to execute '${name}' on 'EventTarget': the callback is not an object.`);
    }
  }

  const { EventTarget } = deno;
  const { addEventListener, removeEventListener } = EventTarget.prototype;
  const targetMethods = {
    addEventListener(type, callback) {
      checkCallback(callback, "addEventListener");
      return ReflectApply(addEventListener, this, arguments);
    },
    removeEventListener(type, callback) {
      checkCallback(callback, "removeEventListener");
      const options = arguments[2];
      if (typeof options !== "object" && typeof options !== "function" || options === null) {
        return ReflectApply(removeEventListener, this, arguments);
      }
      // Read whether or not there is a listener to remove.
      return ReflectApply(removeEventListener, this, [type, callback, !!options.capture]);
    },
  };
  amend(EventTarget.prototype, "addEventListener", { value: targetMethods.addEventListener });
  amend(EventTarget.prototype, "removeEventListener", { value: targetMethods.removeEventListener });

  const { AbortController, AbortSignal } = loadExtScript("ext:deno_web/03_abort_signal.js");
  amend(AbortController.prototype.abort, "length", { value: 0 });
  amendAccessor(AbortSignal.prototype, "onabort", (value) => ObjectPrototypeIsPrototypeOf(AbortSignal.prototype, value));

  /** Converts a constructor's second argument; Event itself reads the members it knows. */
  function initOf(name, converter, init) {
    return converter(init, `Failed to construct '${name}'`, "Argument 2");
  }

  function wantType(name, count, wanted = 1) {
    webidl.requiredArguments(count, wanted, `Failed to construct '${name}'`);
  }

  const customEventInit = converterOf("CustomEventInit", [member("detail", converters.any, null)]);

  class CustomEvent extends Event {
    #detail;

    constructor(type, eventInitDict = { __proto__: null }) {
      wantType("CustomEvent", arguments.length);
      super(type, eventInitDict);
      this.#detail = initOf("CustomEvent", customEventInit, eventInitDict).detail;
    }

    get detail() {
      return this.#detail;
    }

    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
      wantType("CustomEvent", arguments.length);
      this.#detail = detail;
      this.initEvent(type, bubbles, cancelable);
    }
  }

  const closeEventInit = converterOf("CloseEventInit", [
    member("code", converters["unsigned short"], 0),
    member("reason", converters.USVString, ""),
    member("wasClean", converters.boolean, false),
  ]);

  class CloseEvent extends Event {
    #init;

    constructor(type, eventInitDict = { __proto__: null }) {
      wantType("CloseEvent", arguments.length);
      super(type, eventInitDict);
      this.#init = initOf("CloseEvent", closeEventInit, eventInitDict);
    }

    get wasClean() {
      return this.#init.wasClean;
    }

    get code() {
      return this.#init.code;
    }

    get reason() {
      return this.#init.reason;
    }
  }

  const errorEventInit = converterOf("ErrorEventInit", [
    member("colno", converters["unsigned long"], 0),
    member("error", converters.any, undefined),
    member("filename", converters.USVString, ""),
    member("lineno", converters["unsigned long"], 0),
    member("message", converters.DOMString, ""),
  ]);

  class ErrorEvent extends Event {
    #init;

    constructor(type, eventInitDict = { __proto__: null }) {
      wantType("ErrorEvent", arguments.length);
      super(type, eventInitDict);
      this.#init = initOf("ErrorEvent", errorEventInit, eventInitDict);
    }

    get message() {
      return this.#init.message;
    }

    get filename() {
      return this.#init.filename;
    }

    get lineno() {
      return this.#init.lineno;
    }

    get colno() {
      return this.#init.colno;
    }

    get error() {
      return this.#init.error;
    }
  }

  const { MessageEvent, messageOf, setMessageData } = loadExtScript("ext:eyot/message_event.js").messageEvents(Event);

  const rejectionEventInit = converterOf("PromiseRejectionEventInit", [
    required("promise", converters.object),
    member("reason", converters.any, undefined),
  ]);

  class PromiseRejectionEvent extends Event {
    #init;

    constructor(type, eventInitDict) {
      wantType("PromiseRejectionEvent", arguments.length, 2);
      super(type, eventInitDict);
      this.#init = initOf("PromiseRejectionEvent", rejectionEventInit, eventInitDict);
    }

    get promise() {
      return this.#init.promise;
    }

    get reason() {
      return this.#init.reason;
    }
  }

  const subclasses = { __proto__: null, CloseEvent, CustomEvent, ErrorEvent, MessageEvent, PromiseRejectionEvent };
  for (const name in subclasses) {
    const own = subclasses[name];
    webidl.configureInterface(own);
    const { prototype } = deno[name];
    ObjectSetPrototypeOf(prototype, own.prototype);
    ObjectDefineProperty(prototype, "constructor", { __proto__: null, value: own, writable: true, configurable: true });
  }

  return {
    ...subclasses,
    amendAccessor,
    AbortController,
    AbortSignal,
    Event,
    EventTarget,
    messageOf,
    setMessageData,
    get URLPattern() {
      const { URLPattern } = loadExtScript("ext:deno_web/01_urlpattern.js");
      // Every argument is optional.
      for (const face of new SafeArrayIterator([URLPattern, URLPattern.prototype.test, URLPattern.prototype.exec])) {
        amend(face, "length", { value: 0 });
      }
      return URLPattern;
    },
  };
})()
