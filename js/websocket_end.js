// The ends of WebSockets: records, what they send, and the events that come of what they get.
//
// An end's other side is another record of this isolate (a pair), or a wire of the host, named by an id. What a pair's
// second end would get goes to the wire once a response carries that end. The classes are in websocket.js.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayBufferPrototypeSlice,
    ArrayPrototypePush,
    ArrayPrototypeShift,
    MapPrototypeDelete,
    MapPrototypeGet,
    MapPrototypeSet,
    ObjectPrototypeIsPrototypeOf,
    ObjectSetPrototypeOf,
    Promise,
    PromisePrototypeThen,
    PromiseResolve,
    SafeMap,
    String,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeSlice,
    TypeError,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_compatibility,
    op_eyot_socket_close,
    op_eyot_socket_hear,
    op_eyot_socket_kept,
    op_eyot_socket_send_bytes,
    op_eyot_socket_send_text,
    op_eyot_socket_unsent,
  } = core.ops;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const { CloseEvent, ErrorEvent, setIsTrusted } = loadExtScript("ext:deno_web/02_event.js");
  // Deno's cannot be made any more once a script has looked at any of these.
  const { messageOf } = loadExtScript("ext:eyot/shapes.js");
  const { DOMException } = loadExtScript("ext:deno_web/01_dom_exception.js");
  const { Blob, BlobPrototype } = loadExtScript("ext:deno_web/09_file.js");
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { environment } = loadExtScript("ext:eyot/dispatch.js");

  const CONNECTING = 0;
  const OPEN = 1;
  const CLOSING = 2;
  const CLOSED = 3;

  let usual;

  /** What bytes come as unless a script says otherwise: the specification's since a compatibility date. */
  function usualType() {
    if (usual === undefined) {
      const { websocket_standard_binary_type } = op_eyot_compatibility(environment.date, environment.flags);
      usual = websocket_standard_binary_type ? "blob" : "arraybuffer";
    }
    return usual;
  }

  // A class without a prototype: V8 would keep the members of a literal without one in a table, and look there each time.
  class End {
    constructor(readyState) {
      this.readyState = readyState;
      this.target = null;
      this.url = null;
      this.origin = "";
      this.protocol = "";
      this.binaryType = usualType();
      /** Made by `new WebSocket(url)`: the specification's rules where Workers' differ. */
      this.standard = false;
      this.accepted = false;
      this.onAccept = null;
      this.carried = false;
      /** The host's wire, when there is one. */
      this.wire = 0;
      this.peer = null;
      this.inbox = [];
      this.draining = false;
      this.context = undefined;
      /** What is sent after a Blob waits for its bytes. */
      this.tail = null;
      this.dropped = 0;
      /** What `serializeAttachment` was given, cloned. */
      this.attachment = null;
    }
  }
  ObjectSetPrototypeOf(End.prototype, null);

  const newEnd = (readyState) => new End(readyState);

  /** Bytes that were sent and have not left. */
  function unsent(end) {
    const wire = end.wire || end.peer?.wire || 0;
    return end.dropped + (wire === 0 ? 0 : op_eyot_socket_unsent(wire));
  }

  function accept(end) {
    if (end.accepted) return;
    end.accepted = true;
    end.context = core.getAsyncContext();
    end.onAccept?.();
    if (end.wire !== 0) pump(end, end.wire);
    if (end.inbox.length > 0) drainSoon(end);
  }

  // What is sent: text, or bytes of our own.

  function send(end, data) {
    if (end.standard) {
      if (end.readyState === CONNECTING) throw new DOMException("'readyState' not OPEN", "InvalidStateError");
    } else if (!end.accepted) {
      throw new TypeError(
        "You must call one of accept() or state.acceptWebSocket() on this WebSocket before sending messages.",
      );
    } else if (end.readyState !== OPEN) {
      throw new TypeError("Can't call WebSocket send() after close().");
    }
    if (end.tail !== null || (typeof data === "object" && ObjectPrototypeIsPrototypeOf(BlobPrototype, data))) {
      sendLater(end, data);
      return;
    }
    route(end, message(data));
  }

  function message(data) {
    if (isAnyArrayBuffer(data)) return new Uint8Array(ArrayBufferPrototypeSlice(data, 0));
    if (ArrayBufferIsView(data)) {
      return TypedArrayPrototypeSlice(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    return webidl.converters.USVString(data);
  }

  function sendLater(end, data) {
    const isBlob = typeof data === "object" && ObjectPrototypeIsPrototypeOf(BlobPrototype, data);
    const ready = isBlob ? data.slice().arrayBuffer() : PromiseResolve(message(data));
    const before = end.tail ?? PromiseResolve();
    const tail = PromisePrototypeThen(
      PromisePrototypeThen(before, () => ready),
      (bytes) => {
        if (end.tail === tail) end.tail = null;
        if (end.readyState === OPEN) route(end, isBlob ? new Uint8Array(bytes) : bytes);
      },
    );
    end.tail = tail;
  }

  /** Takes a message from `end` to its other side. */
  function route(end, data) {
    const wire = end.wire || end.peer.wire;
    if (wire === 0) {
      deliver(end.peer, data);
      return;
    }
    const taken = typeof data === "string"
      ? op_eyot_socket_send_text(wire, data)
      : op_eyot_socket_send_bytes(wire, data);
    if (taken !== 0) end.dropped += data.length;
  }

  function close(end, code, reason) {
    checkClose(end, code, reason);
    if (end.readyState >= CLOSING) return;
    if (!end.standard && !end.accepted) {
      throw new TypeError("You must call one of accept() or state.acceptWebSocket() on this WebSocket before closing it.");
    }
    if (end.readyState === CONNECTING) {
      end.readyState = CLOSING;
      return;
    }
    end.readyState = CLOSING;
    const send = () => {
      const wire = end.wire || end.peer.wire;
      if (wire === 0) {
        deliver(end.peer, { __proto__: null, code: code ?? 1005, reason: reason ?? "", clean: true });
      } else {
        op_eyot_socket_close(wire, code ?? 0, reason ?? "");
      }
    };
    if (end.tail === null) send();
    else PromisePrototypeThen(end.tail, send);
  }

  function checkClose(end, code, reason) {
    if (code !== undefined) {
      const number = end.standard
        ? webidl.converters["unsigned short"](code, "Failed to execute 'close' on 'WebSocket'", "Argument 1", {
          clamp: true,
        })
        : code;
      const fits = end.standard
        ? number === 1000 || (number >= 3000 && number <= 4999)
        : number >= 1000 && number <= 4999 && number !== 1004 && number !== 1005 && number !== 1006 && number !== 1015;
      if (!fits && end.standard) {
        throw new DOMException(
          `The close code must be either 1000 or in the range of 3000 to 4999: received ${number}`,
          "InvalidAccessError",
        );
      }
      if (!fits) throw new TypeError(`Invalid WebSocket close code: ${String(code)}.`);
    }
    if (reason === undefined) return;
    if (code === undefined && !end.standard) {
      throw new TypeError("If you specify a WebSocket close reason, you must also specify a code.");
    }
    if (core.encode(webidl.converters.USVString(reason)).byteLength > 123) {
      throw new DOMException("The close reason is longer than 123 bytes", "SyntaxError");
    }
  }

  // What comes.

  function deliver(end, item) {
    ArrayPrototypePush(end.inbox, item);
    if (end.accepted) drainSoon(end);
  }

  function drainSoon(end) {
    if (end.draining) return;
    end.draining = true;
    PromisePrototypeThen(PromiseResolve(), () => {
      end.draining = false;
      while (end.inbox.length > 0 && end.wire === 0) take(end, ArrayPrototypeShift(end.inbox));
    });
  }

  /** Fires the event that a message or an end is, in the context in which the script accepted the socket. */
  function take(end, item) {
    const before = core.getAsyncContext();
    core.setAsyncContext(end.context);
    try {
      if (typeof item === "string") {
        if (end.readyState === OPEN) fire(end, messageOf("message", item, end.origin));
      } else if (ArrayBufferIsView(item)) {
        if (end.readyState === OPEN) {
          const data = end.binaryType === "blob" ? new Blob([item]) : TypedArrayPrototypeGetBuffer(item);
          fire(end, messageOf("message", data, end.origin));
        }
      } else {
        ended(end, item);
      }
    } finally {
      core.setAsyncContext(before);
    }
  }

  function ended(end, { code, reason, clean }) {
    if (end.readyState === CLOSED) return;
    const answers = end.readyState < CLOSING && end.wire === 0 && end.peer !== null && end.peer.wire === 0;
    end.readyState = CLOSED;
    if (answers) deliver(end.peer, { __proto__: null, code, reason, clean });
    if (!clean) fire(end, new ErrorEvent("error", { __proto__: null, message: "Network connection lost." }));
    fire(end, new CloseEvent("close", { __proto__: null, wasClean: clean, code, reason }));
  }

  function fire(end, event) {
    setIsTrusted(event, true);
    end.target.dispatchEvent(event);
  }

  // Who hears what comes from which wire.
  const hearing = new SafeMap();

  /** Takes what comes from a wire to `end`, once the script has accepted that end, until nothing comes any more. */
  function pump(end, wire) {
    if (end.accepted) return hear(end, wire);
    return new Promise((resolve, reject) => {
      // Another request may accept it, or give it to a client of its own.
      PromisePrototypeThen(op_eyot_socket_kept(wire), (isHeard) => isHeard ? undefined : resolve(), reject);
      end.onAccept = () => PromisePrototypeThen(hear(end, wire), resolve, reject);
    });
  }

  async function hear(end, wire) {
    MapPrototypeSet(hearing, wire, end);
    const { code, reason, clean } = await op_eyot_socket_hear(wire);
    MapPrototypeDelete(hearing, wire);
    take(end, { __proto__: null, code, reason, clean });
  }

  /** The host calls this with each message of a wire. */
  function heard(wire, data) {
    const end = MapPrototypeGet(hearing, wire);
    if (end !== undefined) take(end, data);
  }

  /** Sends what came for an end before there was a wire. */
  function flush(end) {
    const { inbox, wire } = end;
    end.inbox = [];
    for (let i = 0; i < inbox.length; i++) {
      const item = inbox[i];
      if (typeof item === "string") op_eyot_socket_send_text(wire, item);
      else if (ArrayBufferIsView(item)) op_eyot_socket_send_bytes(wire, item);
      else op_eyot_socket_close(wire, item.code === 1005 ? 0 : item.code, item.reason);
    }
  }

  return { CLOSED, CLOSING, CONNECTING, OPEN, accept, close, fire, flush, heard, newEnd, pump, send, take, unsent };
})()
