// Node's HTTP server over a script's fetch handler: `listen` reserves a port number of the isolate's own, on which
// `httpServerHandler({ port })` finds the server. No socket is opened.
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/http/
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeFindLast,
    ArrayPrototypePush,
    Error,
    ObjectAssign,
    ObjectSetPrototypeOf,
    Promise,
    ReflectApply,
    TypeError,
  } = primordials;
  const { EventEmitter } = core.loadExtScript("ext:eyot_node/deno/_events.js");
  const { nextTick } = core.loadExtScript("ext:eyot_node/ticks.js");
  const { IncomingMessage, MessageSocket, OutgoingMessage, bytesOf, setAll } = core.loadExtScript(
    "ext:eyot_node/http_message.js",
  );
  const { ERR_HTTP_HEADERS_SENT, ERR_HTTP_INVALID_STATUS_CODE, ERR_HTTP_SOCKET_ASSIGNED } = core.loadExtScript(
    "ext:eyot_node/deno/internal/errors.js",
  );
  const { STATUS_CODES } = core.loadExtScript("ext:eyot_node/http_names.js");
  const { ReadableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
  const { Response } = core.loadExtScript("ext:deno_fetch/23_response.js");
  const { asItIs } = core.loadExtScript("ext:eyot/response.js");
  const { Headers } = core.loadExtScript("ext:deno_fetch/20_headers.js");

  const { servers } = core.loadExtScript("ext:eyot_node/http_servers.js");
  const { storeHead, writeEnd, writeHead, writePiece } = core.loadExtScript("ext:eyot_node/http_wire.js");

  function ServerResponse(request, options = undefined) {
    ReflectApply(OutgoingMessage, this, [options]);
    this.req = request;
    this.statusCode = 200;
    this.statusMessage = undefined;
    this.socket = request?.socket ?? null;
    this._respond = undefined;
    this._controller = null;
    this._waiting = null;
    this._first = null;
    // The socket that somebody has given it, and what has waited for one.
    this._wire = null;
    this._held = null;
    this._isFlushed = false;
    this._unsentHead = "";
    this._contentLength = undefined;
    // The head has left; from `headersSent` on it does not change any more.
    this._isSent = false;
    this._hasBody = request?.method !== "HEAD";
    if (request?.httpVersionMajor < 1 || request?.httpVersionMinor < 1) {
      this.useChunkedEncodingByDefault = this.shouldKeepAlive = false;
    }
  }
  ObjectSetPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
  ObjectSetPrototypeOf(ServerResponse, OutgoingMessage);

  ObjectAssign(ServerResponse.prototype, {
    writeHead(status, reason = undefined, headers = undefined) {
      if (this.headersSent) throw new ERR_HTTP_HEADERS_SENT("write");
      const code = status | 0;
      if (code < 100 || code > 999) throw new ERR_HTTP_INVALID_STATUS_CODE(status);
      this.statusCode = code;
      if (typeof reason === "string") {
        this.statusMessage = reason;
      } else {
        headers ??= reason;
        this.statusMessage ||= STATUS_CODES[code] ?? "unknown";
      }
      setAll(this, headers);
      this.headersSent = true;
      if (this._wire !== null) storeHead(this);
      return this;
    },
    // By its name, for those who put something before it to add headers at the last moment, as sessions do.
    _implicitHeader() {
      this.writeHead(this.statusCode);
    },
    writeContinue(callback = undefined) {
      callback?.();
    },
    writeProcessing() {},
    writeEarlyHints(_hints, callback = undefined) {
      callback?.();
    },
    assignSocket(socket) {
      if (socket._httpMessage) throw new ERR_HTTP_SOCKET_ASSIGNED();
      socket._httpMessage = this;
      this._onSocketClose = () => this.destroy();
      socket.on("close", this._onSocketClose);
      this.socket = this._wire = socket;
      this.emit("socket", socket);
      if (this.headersSent) storeHead(this);
      if (this._isFlushed) this.flushHeaders();
      const held = this._held;
      this._held = null;
      held?.();
    },
    detachSocket(socket) {
      socket.removeListener("close", this._onSocketClose);
      socket._httpMessage = null;
      this.socket = this._wire = null;
    },

    flushHeaders() {
      this._sendHead();
      if (this._wire !== null) writeHead(this);
    },

    // The head leaves with the first chunk, so that a body that is written at once has a length and no stream.
    _sendHead(whole = undefined) {
      if (this._isHeld()) {
        this._isFlushed = true;
        return;
      }
      if (this._isSent) return;
      if (!this.headersSent) {
        this._contentLength = whole?.byteLength;
        this._implicitHeader();
      }
      this._isSent = true;
      if (this._wire !== null) return;
      const headers = new Headers(this._list());
      const bodiless = this.statusCode === 204 || this.statusCode === 304 || this.statusCode === 205;
      let body = null;
      if (!bodiless && whole !== undefined) {
        body = whole;
      } else if (!bodiless) {
        body = new ReadableStream({
          start: (controller) => {
            this._controller = controller;
          },
          pull: () => this._resume(),
          cancel: () => {
            this._controller = null;
            this._resume();
            this.destroy();
          },
        });
      }
      const init = { status: this.statusCode, statusText: this.statusMessage, headers };
      this._respond?.(asItIs(new Response(body, init)));
    },

    _resume() {
      const waiting = this._waiting;
      this._waiting = null;
      waiting?.();
    },

    /** Nobody has said yet where it is to go. */
    _isHeld() {
      return this._wire === null && this._respond === undefined;
    },

    _write(chunk, encoding, callback) {
      if (this._isHeld()) {
        const isWhole = this._ending;
        this._held = () => {
          if (!isWhole) this._sendHead();
          this._write(chunk, encoding, callback);
        };
        return;
      }
      const bytes = bytesOf(chunk, encoding);
      if (!this._isSent) {
        // `end(chunk)` ends in the same turn as it writes.
        if (this.writableEnded || this._ending) {
          this._first = bytes;
          callback();
          return;
        }
        this._sendHead();
      }
      if (this._wire !== null) {
        writePiece(this, bytes, callback);
        return;
      }
      const controller = this._controller;
      if (controller === null) {
        callback();
        return;
      }
      if (bytes.byteLength > 0) controller.enqueue(bytes);
      if (controller.desiredSize > 0) callback();
      else this._waiting = callback;
    },

    _final(callback) {
      if (this._isHeld()) {
        this._held = () => this._final(callback);
        return;
      }
      const whole = this._first ?? new primordials.Uint8Array(0);
      this._sendHead(whole);
      if (this._wire !== null) {
        writePiece(this, whole, () => writeEnd(this, callback));
        return;
      }
      this._controller?.close();
      this._controller = null;
      callback();
    },

    end(chunk = undefined, encoding = undefined, callback = undefined) {
      this._ending = true;
      this.finished = true;
      return ReflectApply(OutgoingMessage.prototype.end, this, [chunk, encoding, callback]);
    },

    _destroy(error, callback) {
      if (this._controller !== null) {
        this._controller.error(error ?? new Error("The response was destroyed."));
        this._controller = null;
      } else if (!this._isSent) {
        this._fail?.(error ?? new Error("The response was destroyed before it was sent."));
      }
      this._resume();
      callback(error);
    },
  });

  function Server(options = undefined, listener = undefined) {
    if (!(this instanceof Server)) return new Server(options, listener);
    ReflectApply(EventEmitter, this, []);
    if (typeof options === "function") listener = options;
    if (listener !== undefined) this.on("request", listener);
    this.listening = false;
    this.timeout = 0;
    this.keepAliveTimeout = 5000;
    this.headersTimeout = 60000;
    this.requestTimeout = 300000;
    this.maxHeadersCount = null;
    this.maxRequestsPerSocket = 0;
    this._port = null;
  }
  ObjectSetPrototypeOf(Server.prototype, EventEmitter.prototype);
  ObjectSetPrototypeOf(Server, EventEmitter);

  ObjectAssign(Server.prototype, {
    listen(...args) {
      const callback = ArrayPrototypeFindLast(args, (argument) => typeof argument === "function");
      let port = typeof args[0] === "object" && args[0] !== null ? args[0].port : args[0];
      port = +port || 0;
      if (this.listening) throw new Error("listen() was called more than once without closing.");
      if (port === 0) for (port = 49152; servers.has(port); port++);
      if (servers.has(port)) {
        const error = new Error(`listen EADDRINUSE: address already in use :::${port}`);
        error.code = "EADDRINUSE";
        nextTick(() => this.emit("error", error));
        return this;
      }
      servers.set(port, this);
      this._port = port;
      this.listening = true;
      if (callback !== undefined) this.once("listening", callback);
      nextTick(() => this.emit("listening"));
      return this;
    },
    close(callback = undefined) {
      if (callback !== undefined) this.once("close", callback);
      if (this.listening) servers.delete(this._port);
      this.listening = false;
      nextTick(() => this.emit("close"));
      return this;
    },
    address() {
      return this.listening ? { address: "127.0.0.1", family: "IPv4", port: this._port } : null;
    },
    closeAllConnections() {},
    closeIdleConnections() {},
    getConnections(callback) {
      nextTick(() => callback(null, 0));
      return this;
    },
    ref() {
      return this;
    },
    unref() {
      return this;
    },
    setTimeout() {
      return this;
    },
  });

  function serve(server, request) {
    const url = new (core.loadExtScript("ext:deno_web/00_url.js").URL)(request.url);
    const socket = new MessageSocket(request.headers.get("cf-connecting-ip") ?? "127.0.0.1", url.protocol === "https:");
    const incoming = new IncomingMessage(socket);
    incoming.method = request.method;
    incoming.url = url.pathname + url.search;
    incoming._take(request.headers, request.body);
    if (incoming.headers.host === undefined) {
      incoming.headers.host = url.host;
      ArrayPrototypePush(incoming.rawHeaders, "host", url.host);
    }
    const outgoing = new ServerResponse(incoming);
    return new Promise((resolve, reject) => {
      outgoing._respond = resolve;
      outgoing._fail = reject;
      request.signal?.addEventListener("abort", () => {
        incoming.destroy();
        outgoing.destroy();
      });
      if (!server.emit("request", incoming, outgoing)) reject(new Error("The server has no request listener."));
    });
  }

  function find(port) {
    const server = servers.get(+port);
    if (server !== undefined) return server;
    throw new Error(`No server is listening on port ${port}: call listen(${port}) at the top level.`);
  }

  /** https://developers.cloudflare.com/workers/runtime-apis/nodejs/http/#handleasnoderequest */
  async function handleAsNodeRequest(target, request) {
    return await serve(target instanceof Server ? target : find(typeof target === "object" ? target.port : target), request);
  }

  /** https://developers.cloudflare.com/workers/runtime-apis/nodejs/http/#httpserverhandler */
  function httpServerHandler(target) {
    if (target === null || typeof target !== "object") throw new TypeError("httpServerHandler() takes { port } or a server.");
    if (typeof target.listen === "function" && !target.listening) target.listen(0);
    const port = target.port ?? target.address?.()?.port;
    return {
      async fetch(request) {
        return await serve(find(port), request);
      },
    };
  }

  function createServer(options = undefined, listener = undefined) {
    return new Server(options, listener);
  }

  return { Server, ServerResponse, createServer, handleAsNodeRequest, httpServerHandler };
})()
