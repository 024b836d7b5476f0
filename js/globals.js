// Globals: what a script finds on `globalThis`, each loaded when it is first looked at.
//
// A version's snapshot thus holds only what that very script touches. Classes are non-enumerable data properties, as
// Web IDL has them (https://webidl.spec.whatwg.org/#define-the-global-property-references); they become so on first
// use, until then they are accessors that replace themselves.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypeIncludes, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectKeys, ReflectApply,
    SafeArrayIterator } = primordials;
  const { loadExtScript } = core;
  const { Intl } = globalThis;

  const web = (file) => () => loadExtScript(`ext:deno_web/${file}.js`);
  const fetchPart = (file) => () => loadExtScript(`ext:deno_fetch/${file}.js`);
  const ours = (file) => () => loadExtScript(`ext:eyot/${file}.js`);

  /** A function of one argument or more as Web IDL has operations: no constructor. */
  function operations(load, name) {
    return () => {
      const original = load()[name];
      return {
        [name](_argument) {
          return ReflectApply(original, this, arguments);
        },
      };
    };
  }

  const url = web("00_url");
  const domException = web("01_dom_exception");
  const event = web("02_event");
  const base64 = web("05_base64");
  const streams = web("06_streams");
  const encoding = web("08_text_encoding");
  const file = web("09_file");
  const messagePort = web("13_message_port");
  const compression = web("14_compression");
  const timers = ours("timers");
  const shapes = ours("shapes");
  const crypto = ours("crypto");

  /** Interfaces and functions by name, with the script that has them. */
  const lazy = {
    __proto__: null,
    AbortController: shapes,
    AbortSignal: shapes,
    Blob: file,
    ByteLengthQueuingStrategy: streams,
    Cache: ours("caches"),
    CacheStorage: ours("caches"),
    CloseEvent: shapes,
    CompressionStream: compression,
    // A namespace, which Web IDL hides from enumeration as it does interfaces.
    console: ours("console"),
    CountQueuingStrategy: streams,
    Crypto: crypto,
    CryptoKey: crypto,
    CustomEvent: shapes,
    DOMException: domException,
    DecompressionStream: compression,
    ErrorEvent: shapes,
    Event: shapes,
    EventSource: ours("eventsource"),
    EventTarget: shapes,
    File: file,
    FixedLengthStream: ours("streams"),
    FormData: ours("fetch_shapes"),
    HTMLRewriter: ours("html_rewriter"),
    Headers: fetchPart("20_headers"),
    Intl: () => ({ Intl: ours("intl")().guard(Intl) }),
    IdentityTransformStream: ours("streams"),
    MessageChannel: messagePort,
    MessageEvent: shapes,
    MessagePort: messagePort,
    Performance: ours("performance"),
    PerformanceEntry: ours("performance"),
    PerformanceMark: ours("performance"),
    PerformanceMeasure: ours("performance"),
    PerformanceObserver: ours("performance"),
    PerformanceObserverEntryList: ours("performance"),
    PromiseRejectionEvent: shapes,
    QuotaExceededError: domException,
    ReadableByteStreamController: streams,
    ReadableStream: streams,
    ReadableStreamBYOBReader: streams,
    ReadableStreamBYOBRequest: streams,
    ReadableStreamDefaultController: streams,
    ReadableStreamDefaultReader: streams,
    Request: ours("fetch_shapes"),
    Response: ours("fetch_shapes"),
    SubtleCrypto: crypto,
    TextDecoder: encoding,
    TextDecoderStream: encoding,
    TextEncoder: encoding,
    TextEncoderStream: encoding,
    TransformStream: streams,
    TransformStreamDefaultController: streams,
    URL: url,
    URLPattern: shapes,
    URLSearchParams: url,
    WebSocket: ours("websocket"),
    WebSocketPair: ours("websocket"),
    WritableStream: streams,
    WritableStreamDefaultController: streams,
    WritableStreamDefaultWriter: streams,
    FetchEvent: ours("events"),
    Navigator: ours("navigator"),
    ServiceWorkerGlobalScope: ours("global_scope"),
    WorkerGlobalScope: ours("global_scope"),
    ExtendableEvent: ours("events"),
    ScheduledEvent: ours("events"),
  };

  /** The same, enumerable: operations and attributes of the global scope. */
  const lazyEnumerable = {
    __proto__: null,
    addEventListener: ours("events"),
    atob: operations(base64, "atob"),
    btoa: operations(base64, "btoa"),
    caches: ours("caches"),
    Cloudflare: ours("compatibility"),
    clearInterval: timers,
    clearTimeout: timers,
    crypto: ours("crypto"),
    dispatchEvent: ours("events"),
    fetch: ours("fetch"),
    navigator: ours("navigator"),
    // Opaque, as that of any global scope without a place.
    origin: () => ({ origin: "null" }),
    performance: ours("performance"),
    queueMicrotask: ours("microtasks"),
    removeEventListener: ours("events"),
    reportError: operations(event, "reportError"),
    scheduler: ours("scheduler"),
    setInterval: timers,
    setTimeout: timers,
    structuredClone: operations(messagePort, "structuredClone"),
  };

  /** What each global starts with. */
  const getters = { __proto__: null };

  // V8's own lazy data properties (`Object::SetLazyDataProperty`) would not show as accessors before they are loaded: taking
  // a snapshot of an isolate with them faults (V8 150.4).
  function define(target, name, load, enumerable) {
    const settle = (value) =>
      ObjectDefineProperty(target, name, { __proto__: null, value, writable: true, enumerable, configurable: true });
    ObjectDefineProperty(target, name, {
      __proto__: null,
      get() {
        const value = load()[name];
        settle(value);
        return value;
      },
      // As of a data property: what inherits from the global scope gets one of its own (cross-fetch makes such an object).
      set(value) {
        if (this === target) settle(value);
        else ObjectDefineProperty(this, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
      },
      enumerable,
      configurable: true,
    });
    getters[name] = ObjectGetOwnPropertyDescriptor(target, name).get;
  }

  function install(target) {
    const quiet = ObjectKeys(lazy);
    for (let i = 0; i < quiet.length; i++) define(target, quiet[i], lazy[quiet[i]], false);
    const loud = ObjectKeys(lazyEnumerable);
    for (let i = 0; i < loud.length; i++) define(target, loud[i], lazyEnumerable[loud[i]], true);
    ObjectDefineProperty(target, "self", {
      __proto__: null,
      value: target,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  /** Has WebAssembly's memories counted. It is there in isolates that serve, and in none that a snapshot is taken of. */
  function countWebAssembly(target) {
    const native = ObjectGetOwnPropertyDescriptor(target, "WebAssembly")?.value;
    if (native === undefined) return;
    define(target, "WebAssembly", () => ({ WebAssembly: ours("web_assembly")().count(native) }), false);
  }

  // The one is what handlers are called, the other's object cannot be in a snapshot.
  const NOT_PRELOADED = ["fetch", "crypto"];

  // What reads a body, or sends one as a stream, without naming a stream.
  const STREAMING = [
    "Stream", ".body", ".text()", ".json()", ".arrayBuffer()", ".bytes()", ".blob()", ".formData()", "getReader(",
    "await fetch(", "return fetch(", "= fetch(", "=> fetch(",
  ];

  /**
   * Loads what a script names, so that its snapshot holds it: its first request would load it otherwise. `areNamed` says of
   * each of these words whether it is in the sources.
   */
  function preload(areNamed) {
    for (const table of new SafeArrayIterator([lazy, lazyEnumerable])) {
      const names = ObjectKeys(table);
      const named = areNamed(names);
      for (let i = 0; i < names.length; i++) {
        const name = names[i];
        if (!named[i] || ArrayPrototypeIncludes(NOT_PRELOADED, name)) continue;
        // By our own getter, unless the script has put something else in its place: it so becomes the data property that it
        // is said to be.
        const get = ObjectGetOwnPropertyDescriptor(globalThis, name)?.get;
        if (get !== undefined && get === getters[name]) ReflectApply(get, globalThis, []);
      }
    }
    if (ArrayPrototypeIncludes(areNamed(STREAMING), true)) ours("response_body")();
  }

  const node = (file) => () => loadExtScript(`ext:eyot_node/${file}.js`);

  /** Node's timers in place of the web's: objects, and not numbers. */
  function installNodeTimers(target) {
    const names = ["clearInterval", "clearTimeout", "setInterval", "setTimeout"];
    for (let i = 0; i < names.length; i++) define(target, names[i], node("timers"), true);
  }

  /** What scripts that ask for Node find besides. */
  function installNode(target) {
    define(target, "Buffer", node("buffer"), false);
    define(target, "process", () => ({ process: node("process")().default }), false);
    define(target, "setImmediate", node("timers"), true);
    define(target, "clearImmediate", node("timers"), true);
    ObjectDefineProperty(target, "global", {
      __proto__: null,
      value: target,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }

  return { Intl, countWebAssembly, install, installNode, installNodeTimers, preload };
})()
