// WebSocket: https://websockets.spec.whatwg.org/, and what Workers adds: pairs, `accept()`, sockets in responses.
//
// The classes, and how a socket gets its other side: a pair, a server, or a request's client. What the ends do with
// messages is in websocket_end.js.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeIncludes,
    ArrayPrototypeJoin,
    ArrayPrototypePush,
    ObjectDefineProperties,
    PromisePrototypeThen,
    RangeError,
    RegExpPrototypeExec,
    SafeRegExp,
    SafeSet,
    SetPrototypeAdd,
    SetPrototypeHas,
    StringPrototypeIncludes,
    StringPrototypeToLowerCase,
    SymbolIterator,
    TypeError,
  } = primordials;
  const {
    op_eyot_socket_close,
    op_eyot_socket_connect,
    op_eyot_socket_join,
    op_eyot_socket_respond,
    op_eyot_subrequest_begin,
    op_eyot_subrequest_end,
    op_eyot_subrequest_start,
  } = core.ops;
  const { loadExtScript } = core;
  const { Event, EventTarget, defineEventHandler } = loadExtScript("ext:deno_web/02_event.js");
  const { DOMException } = loadExtScript("ext:deno_web/01_dom_exception.js");
  const { URL } = loadExtScript("ext:deno_web/00_url.js");
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { amendAccessor } = loadExtScript("ext:eyot/shapes.js");
  const { fixedClone } = loadExtScript("ext:eyot/structured_clone.js");
  const { hold, release, runOrRefuse } = loadExtScript("ext:eyot/dispatch.js");
  const { counted } = loadExtScript("ext:eyot/hops.js");
  const { Response, carried } = loadExtScript("ext:eyot/response.js");
  const { CLOSED, CLOSING, CONNECTING, OPEN, accept, close, fire, flush, newEnd, pump, send, take, unsent } =
    loadExtScript("ext:eyot/websocket_end.js");

  const kEnd = {};
  const TOKEN = new SafeRegExp(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);

  class WebSocket extends EventTarget {
    #end;

    constructor(url, protocols = undefined) {
      super();
      if (url === kEnd) {
        this.#end = protocols;
      } else {
        webidl.requiredArguments(arguments.length, 1, "Failed to construct 'WebSocket'");
        this.#end = open(url, protocolsOf(protocols));
      }
      this.#end.target = this;
    }

    static endOf(socket) {
      return typeof socket === "object" && socket !== null && #end in socket ? socket.#end : null;
    }

    get url() {
      return this.#end.url;
    }

    get readyState() {
      return this.#end.readyState;
    }

    get protocol() {
      return this.#end.protocol;
    }

    get extensions() {
      void this.#end;
      return "";
    }

    get bufferedAmount() {
      return unsent(this.#end);
    }

    get binaryType() {
      return this.#end.binaryType;
    }

    set binaryType(value) {
      const end = this.#end;
      value = `${value}`;
      if (value === "blob" || value === "arraybuffer") end.binaryType = value;
    }

    accept(_options = undefined) {
      const end = this.#end;
      if (end.carried) throw new TypeError("Can't accept() WebSocket that was already used in a response.");
      accept(end);
    }

    send(data) {
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'send' on 'WebSocket'");
      send(this.#end, data);
    }

    close(code = undefined, reason = undefined) {
      close(this.#end, code, reason);
    }

    /** Keeps a clone of a value with the socket: https://developers.cloudflare.com/durable-objects/api/state/ */
    serializeAttachment(value) {
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'serializeAttachment' on 'WebSocket'");
      this.#end.attachment = fixedClone(value);
    }

    /** A clone of what was kept, or null. */
    deserializeAttachment() {
      return fixedClone(this.#end.attachment);
    }
  }
  const { endOf } = WebSocket;
  delete WebSocket.endOf;

  const constant = (value) => ({ __proto__: null, value, writable: false, enumerable: true, configurable: false });
  const states = {
    CONNECTING: constant(CONNECTING),
    OPEN: constant(OPEN),
    CLOSING: constant(CLOSING),
    CLOSED: constant(CLOSED),
    // Workers' names of the same.
    READY_STATE_CONNECTING: constant(CONNECTING),
    READY_STATE_OPEN: constant(OPEN),
    READY_STATE_CLOSING: constant(CLOSING),
    READY_STATE_CLOSED: constant(CLOSED),
  };
  ObjectDefineProperties(WebSocket, states);
  ObjectDefineProperties(WebSocket.prototype, states);
  webidl.configureInterface(WebSocket);
  for (const name of ["open", "message", "error", "close"]) {
    defineEventHandler(WebSocket.prototype, name);
    amendAccessor(WebSocket.prototype, `on${name}`, (value) => endOf(value) !== null);
  }

  /** Two ends; what one sends the other gets. */
  class WebSocketPair {
    constructor() {
      const one = newEnd(OPEN);
      const other = newEnd(OPEN);
      one.peer = other;
      other.peer = one;
      this[0] = new WebSocket(kEnd, one);
      this[1] = new WebSocket(kEnd, other);
    }

    *[SymbolIterator]() {
      yield this[0];
      yield this[1];
    }
  }

  // Sockets in responses.

  /** Checks what a new response is to carry. */
  function checkCarried(socket, status) {
    const end = typeof socket === "object" ? endOf(socket) : null;
    if (end === null) throw new TypeError("Failed to construct 'Response': webSocket is not a WebSocket.");
    if (status !== 101) throw new RangeError("Responses with a WebSocket must have status code 101.");
    if (end.accepted) throw new TypeError("Can't return WebSocket in a Response after calling accept().");
    if (end.carried) throw new TypeError("Can't return WebSocket that was already used in a response.");
  }

  /** Answers a run by joining its client to the socket that the response carries; false when it carries none. */
  function respondWith(run, response, headers) {
    const socket = carried(response);
    if (socket === null) return false;
    const end = endOf(socket);
    checkCarried(socket, 101);
    const wire = op_eyot_socket_respond(run.id, headers);
    end.carried = true;
    hold(run);
    const over = () => release(run);
    // Another socket's wire: one that was connected to a server, or whose client a pair's other end was given to.
    const beyond = end.wire || (end.peer?.carried === true ? end.peer.wire : 0);
    if (beyond !== 0) {
      PromisePrototypeThen(op_eyot_socket_join(wire, beyond), over, over);
      return true;
    }
    end.wire = wire;
    flush(end);
    PromisePrototypeThen(pump(end.peer, wire), over, over);
    return true;
  }

  // Sockets to servers.

  /** They may stand in a dictionary: https://websockets.spec.whatwg.org/#dictdef-websocketinit */
  function protocolsOf(given) {
    if (typeof given !== "object" || given === null) return given ?? [];
    return given[SymbolIterator] === undefined ? given.protocols ?? [] : given;
  }

  function open(url, protocols) {
    const prefix = "Failed to construct 'WebSocket'";
    let parsed;
    try {
      parsed = new URL(webidl.converters.USVString(url, prefix, "Argument 1"));
    } catch (error) {
      throw new DOMException(error.message, "SyntaxError");
    }
    if (parsed.protocol === "http:") parsed.protocol = "ws:";
    else if (parsed.protocol === "https:") parsed.protocol = "wss:";
    if (parsed.protocol !== "ws:" && parsed.protocol !== "wss:") {
      throw new DOMException(`Only ws & wss schemes are allowed in a WebSocket URL: received ${parsed.protocol}`, "SyntaxError");
    }
    if (StringPrototypeIncludes(parsed.href, "#")) throw new DOMException("Fragments are not allowed in a WebSocket URL", "SyntaxError");
    const list = typeof protocols === "string" ? [protocols] : webidl.converters["sequence<DOMString>"](protocols, prefix, "Argument 2");
    const seen = new SafeSet();
    for (let i = 0; i < list.length; i++) {
      const token = StringPrototypeToLowerCase(list[i]);
      if (RegExpPrototypeExec(TOKEN, list[i]) === null || SetPrototypeHas(seen, token)) {
        throw new DOMException("Invalid or repeated protocol value", "SyntaxError");
      }
      SetPrototypeAdd(seen, token);
    }
    const run = runOrRefuse();
    op_eyot_subrequest_begin(run.id);
    const end = newEnd(CONNECTING);
    end.standard = true;
    end.accepted = true;
    end.binaryType = "blob";
    end.url = parsed.href;
    end.origin = parsed.origin;
    end.context = core.getAsyncContext();
    const headers = counted([]);
    if (list.length > 0) ArrayPrototypePush(headers, ["sec-websocket-protocol", ArrayPrototypeJoin(list, ", ")]);
    PromisePrototypeThen(
      connect(run, parsed.href, headers),
      (answer) => opened(end, answer),
      () => take(end, { __proto__: null, code: 1006, reason: "", clean: false }),
    );
    return end;
  }

  function opened(end, { id, headers }) {
    if (id === 0) {
      take(end, { __proto__: null, code: 1006, reason: "", clean: false });
      return;
    }
    end.wire = id;
    if (end.readyState === CLOSING) {
      // Closed before it was open: the connection is given up.
      op_eyot_socket_close(id, 1000, "");
      take(end, { __proto__: null, code: 1006, reason: "", clean: false });
      return;
    }
    end.readyState = OPEN;
    for (let i = 0; i < headers.length; i++) {
      if (headers[i][0] === "sec-websocket-protocol") end.protocol = headers[i][1];
    }
    const before = core.getAsyncContext();
    core.setAsyncContext(end.context);
    try {
      fire(end, new Event("open"));
    } finally {
      core.setAsyncContext(before);
    }
    pump(end, id);
  }

  async function connect(run, url, headers) {
    await op_eyot_subrequest_start(run.id);
    try {
      return await op_eyot_socket_connect(run.id, url, headers);
    } finally {
      op_eyot_subrequest_end(run.id);
    }
  }

  /** `fetch()` with `Upgrade: websocket`: a response whose socket the script accepts or passes on. */
  async function fetchSocket(run, inner) {
    const answer = await connect(run, inner.currentUrl(), counted(inner.headerList));
    if (answer.id === 0) {
      const empty = ArrayPrototypeIncludes([101, 204, 205, 304], answer.status);
      const { status, headers } = answer;
      return new Response(empty ? null : answer.body, { __proto__: null, status, headers, encodeBody: "manual" });
    }
    return upgraded(answer.id, answer.headers);
  }

  /** The response that brings the script a socket on this wire. */
  function upgraded(wire, headers) {
    const end = newEnd(OPEN);
    end.wire = wire;
    const webSocket = new WebSocket(kEnd, end);
    return new Response(null, { __proto__: null, status: 101, headers, webSocket });
  }

  return { WebSocket, WebSocketPair, checkCarried, fetchSocket, respondWith, upgraded };
})()
