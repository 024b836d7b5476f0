// MessageEvent: https://html.spec.whatwg.org/multipage/comms.html#the-messageevent-interface, for `js/shapes.js`.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectFreeze, ObjectPrototypeIsPrototypeOf, TypeError } = primordials;
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

  /** The interface over `Event`, and the function that gives a message the data it was sent with, which may be `undefined`. */
  function messageEvents(Event) {
    let setMessageData;

    class MessageEvent extends Event {
      #init;

      static {
        setMessageData = (event, data) => event.#init.data = data;
      }

      constructor(type, eventInitDict = { __proto__: null }) {
        const prefix = "Failed to construct 'MessageEvent'";
        webidl.requiredArguments(arguments.length, 1, prefix);
        super(type, eventInitDict);
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

    return { MessageEvent, setMessageData };
  }

  return { messageEvents };
})()
