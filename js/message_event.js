// MessageEvent: https://html.spec.whatwg.org/multipage/comms.html#the-messageevent-interface, for `js/shapes.js`.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectFreeze, ObjectPrototypeIsPrototypeOf, ObjectSetPrototypeOf, TypeError } = primordials;

  // Stands for a dictionary with nothing in it.
  const PLAIN = ObjectFreeze({ __proto__: null });
  // Nothing can be put into it, so one does for all.
  const NO_PORTS = ObjectFreeze([]);

  /** What a message of ours is made with. A class, for V8 keeps the members of a literal without a prototype in a table. */
  class MessageInit {
    constructor(data, origin) {
      this.data = data;
      this.lastEventId = "";
      this.origin = origin;
      this.ports = NO_PORTS;
      this.source = null;
    }
  }
  ObjectSetPrototypeOf(MessageInit.prototype, null);

  const { loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { converters } = webidl;

  function portConverter(value, prefix, context) {
    const { MessagePortPrototype } = loadExtScript("ext:deno_web/13_message_port.js");
    if (!ObjectPrototypeIsPrototypeOf(MessagePortPrototype, value)) {
      throw webidl.makeException(TypeError, "is not of type MessagePort", prefix, context);
    }
    return value;
  }

  const member = (key, converter, defaultValue) => ({ __proto__: null, key, converter, defaultValue });
  const messageEventInit = webidl.createDictionaryConverter("MessageEventInit", [
    member("data", converters.any, null),
    member("lastEventId", converters.DOMString, ""),
    member("origin", converters.USVString, ""),
    {
      __proto__: null,
      key: "ports",
      converter: webidl.createSequenceConverter(portConverter),
      get defaultValue() {
        return [];
      },
    },
    member("source", webidl.createNullableConverter(portConverter), null),
  ]);

  /**
   * The interface over `Event`, a function that makes a message of data from an origin, and one that gives a message
   * the data it was sent with, which may be `undefined`.
   */
  function messageEvents(Event) {
    let messageOf, setMessageData;

    class MessageEvent extends Event {
      #init;

      static {
        messageOf = (type, data, origin) => {
          const event = new MessageEvent(type, PLAIN);
          event.#init = new MessageInit(data, origin);
          return event;
        };
        setMessageData = (event, data) => event.#init.data = data;
      }

      constructor(type, eventInitDict = { __proto__: null }) {
        const prefix = "Failed to construct 'MessageEvent'";
        webidl.requiredArguments(arguments.length, 1, prefix);
        super(type, eventInitDict);
        if (eventInitDict === PLAIN) return;
        this.#init = messageEventInit(eventInitDict, prefix, "Argument 2");
        ObjectFreeze(this.#init.ports);
      }

      get data() {
        return this.#init.data;
      }

      get origin() {
        return this.#init.origin;
      }

      get lastEventId() {
        return this.#init.lastEventId;
      }

      get source() {
        return this.#init.source;
      }

      get ports() {
        return this.#init.ports;
      }

      initMessageEvent(
        type,
        bubbles = false,
        cancelable = false,
        data = null,
        origin = "",
        lastEventId = "",
        source = null,
        ports = [],
      ) {
        const prefix = "Failed to execute 'initMessageEvent' on 'MessageEvent'";
        webidl.requiredArguments(arguments.length, 1, prefix);
        const given = { __proto__: null, data, origin, lastEventId, source, ports };
        const init = messageEventInit(given, prefix, "arguments");
        this.initEvent(type, bubbles, cancelable);
        this.#init = init;
        ObjectFreeze(init.ports);
      }
    }

    return { MessageEvent, messageOf, setMessageData };
  }

  return { messageEvents };
})()
