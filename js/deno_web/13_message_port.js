// MessageChannel and MessagePort: https://html.spec.whatwg.org/multipage/web-messaging.html#message-channels, in place of
// deno_web's own, whose queue is the host's and knows no bound.
//
// Both ports are always in this isolate. What an endpoint has not delivered yet is a list of records on this heap, which
// counts them. A delivery is a turn of the event loop, one at a time for each endpoint; a port that only listens keeps
// no request waiting.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeFilter,
    ArrayPrototypeIncludes,
    ArrayPrototypePush,
    ArrayPrototypeShift,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectPrototypeIsPrototypeOf,
    PromisePrototypeThen,
    ReflectApply,
    SafeWeakMap,
    Symbol,
    SymbolFor,
    SymbolIterator,
    TypeError,
    queueMicrotask,
  } = primordials;
  const { op_defer } = core.ops;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { Event, EventTarget, defineEventHandler, setEventTargetData, setIsTrusted } = core.loadExtScript(
    "ext:deno_web/02_event.js",
  );
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
  const { markNotSerializable, receive, serializeWithTransfer, structuredClone } = core.loadExtScript(
    "ext:eyot/structured_clone.js",
  );

  // A port's endpoint moves with it when it is transferred, with what is queued.
  const kEndpoint = Symbol("[[endpoint]]");
  const made = new SafeWeakMap();

  function endpointOf(port) {
    return made.get(port)[kEndpoint];
  }

  function createEndpoint() {
    return { __proto__: null, queue: [], port: null, other: null, enabled: false, due: false };
  }

  function createPort(endpoint) {
    const port = webidl.createBranded(MessagePort);
    port[core.hostObjectBrand] = "MessagePort";
    setEventTargetData(port);
    made.set(port, { __proto__: null, [kEndpoint]: endpoint });
    endpoint.port = port;
    endpoint.enabled = false;
    return port;
  }

  /** Runs `callback` as a task of its own; at the top level, which knows no tasks, as a microtask. */
  function queueTask(callback) {
    const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");
    if (currentRun() === undefined) queueMicrotask(callback);
    else PromisePrototypeThen(op_defer(), callback);
  }

  function schedule(endpoint) {
    if (endpoint.due || !endpoint.enabled || endpoint.queue.length === 0) return;
    endpoint.due = true;
    queueTask(() => {
      endpoint.due = false;
      if (!endpoint.enabled || endpoint.port === null) return;
      const message = ArrayPrototypeShift(endpoint.queue);
      // The next one's turn comes even when a listener of this one throws.
      schedule(endpoint);
      if (message !== undefined) deliver(endpoint.port, message);
    });
  }

  function deliver(port, message) {
    const { value, transferred } = receive(message);
    const ports = ArrayPrototypeFilter(transferred, (item) => ObjectPrototypeIsPrototypeOf(MessagePortPrototype, item));
    const { MessageEvent, setMessageData } = core.loadExtScript("ext:eyot/shapes.js");
    const event = new MessageEvent("message", { __proto__: null, ports });
    setMessageData(event, value);
    dispatchTrusted(port, event);
  }

  function dispatchTrusted(port, event) {
    setIsTrusted(event, true);
    port.dispatchEvent(event);
  }

  function transferOf(value, prefix) {
    if (webidl.type(value) === "Object" && value[SymbolIterator] !== undefined && value[SymbolIterator] !== null) {
      return webidl.converters["sequence<object>"](value, prefix, "Argument 2");
    }
    return webidl.converters.StructuredSerializeOptions(value, prefix, "Argument 2").transfer;
  }

  class MessageChannel {
    #port1;
    #port2;

    constructor() {
      this[webidl.brand] = webidl.brand;
      const first = createEndpoint();
      const second = createEndpoint();
      first.other = second;
      second.other = first;
      this.#port1 = createPort(first);
      this.#port2 = createPort(second);
    }

    get port1() {
      webidl.assertBranded(this, MessageChannelPrototype);
      return this.#port1;
    }

    get port2() {
      webidl.assertBranded(this, MessageChannelPrototype);
      return this.#port2;
    }

    [SymbolFor("Deno.privateCustomInspect")](inspect, inspectOptions) {
      return `MessageChannel ${inspect({ port1: this.#port1, port2: this.#port2 }, inspectOptions)}`;
    }
  }

  webidl.configureInterface(MessageChannel);
  const MessageChannelPrototype = MessageChannel.prototype;

  class MessagePort extends EventTarget {
    constructor() {
      super();
      webidl.illegalConstructor();
    }

    postMessage(message, transferOrOptions = undefined) {
      webidl.assertBranded(this, MessagePortPrototype);
      const prefix = "Failed to execute 'postMessage' on 'MessagePort'";
      webidl.requiredArguments(arguments.length, 1, prefix);
      const transfer = transferOf(transferOrOptions, prefix);
      if (ArrayPrototypeIncludes(transfer, this)) {
        throw new DOMException("A port cannot be sent through itself.", "DataCloneError");
      }
      const target = endpointOf(this)?.other ?? null;
      // A message that carries its own target never arrives.
      const doomed = target !== null && target.port !== null && ArrayPrototypeIncludes(transfer, target.port);
      const data = serializeWithTransfer(message, transfer);
      if (target === null || doomed) return;
      ArrayPrototypePush(target.queue, data);
      schedule(target);
    }

    start() {
      webidl.assertBranded(this, MessagePortPrototype);
      const endpoint = endpointOf(this);
      if (endpoint === null || endpoint.enabled) return;
      endpoint.enabled = true;
      schedule(endpoint);
    }

    close() {
      webidl.assertBranded(this, MessagePortPrototype);
      const endpoint = endpointOf(this);
      if (endpoint === null) return;
      made.get(this)[kEndpoint] = null;
      endpoint.port = null;
      endpoint.queue = [];
      const { other } = endpoint;
      if (other === null) return;
      endpoint.other = null;
      other.other = null;
      queueTask(() => {
        if (other.port !== null) dispatchTrusted(other.port, new Event("close"));
      });
    }

    [SymbolFor("Deno.privateCustomInspect")](inspect, inspectOptions) {
      return `MessagePort ${inspect({ onmessage: this.onmessage, onmessageerror: this.onmessageerror }, inspectOptions)}`;
    }
  }

  // Deno's handler accessors take any object for a target.
  function defineHandler(type, init) {
    defineEventHandler(MessagePort.prototype, type, init);
    const { get, set } = ObjectGetOwnPropertyDescriptor(MessagePort.prototype, `on${type}`);
    const check = (self) => webidl.assertBranded(self, MessagePortPrototype);
    const named = {
      get [`on${type}`]() {
        check(this);
        return ReflectApply(get, this, []);
      },
      set [`on${type}`](value) {
        check(this);
        ReflectApply(set, this, [value]);
      },
    };
    ObjectDefineProperty(MessagePort.prototype, `on${type}`, {
      __proto__: null,
      ...ObjectGetOwnPropertyDescriptor(named, `on${type}`),
    });
  }

  defineHandler("message", (port) => port.start());
  defineHandler("messageerror");
  defineHandler("close");
  webidl.configureInterface(MessagePort);
  const MessagePortPrototype = MessagePort.prototype;

  core.registerTransferableResource(
    "MessagePort",
    (port) => {
      const held = made.get(port);
      if (held === undefined) throw new TypeError("Illegal invocation");
      const endpoint = held[kEndpoint];
      if (endpoint === null) {
        throw new DOMException("A port in the transfer list is detached.", "DataCloneError");
      }
      held[kEndpoint] = null;
      endpoint.port = null;
      endpoint.enabled = false;
      return endpoint;
    },
    createPort,
  );

  return { MessageChannel, MessagePort, MessagePortPrototype, markNotSerializable, structuredClone };
})()
