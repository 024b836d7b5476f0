// The two messages of HTTP as Node has them: what comes in, and what goes out with its headers.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypePush,
    ObjectAssign,
    ObjectDefineProperty,
    ObjectKeys,
    ObjectSetPrototypeOf,
    ReflectApply,
    RegExpPrototypeExec,
    SafeMap,
    SafeRegExp,
    SafeSet,
    String,
    StringPrototypeToLowerCase,
    Uint8Array,
  } = primordials;
  const { default: Readable } = core.loadExtScript("ext:eyot_node/deno/internal/streams/readable.js");
  const { default: Writable } = core.loadExtScript("ext:eyot_node/deno/internal/streams/writable.js");
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { EventEmitter } = core.loadExtScript("ext:eyot_node/deno/_events.js");
  const {
    ERR_HTTP_HEADERS_SENT,
    ERR_HTTP_INVALID_HEADER_VALUE,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_CHAR,
    ERR_INVALID_HTTP_TOKEN,
  } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");

  const TOKEN = new SafeRegExp("^[\\^_`a-zA-Z\\-0-9!#$%&'*+.|~]+$");
  const FORBIDDEN_IN_VALUES = new SafeRegExp("[^\\t\\x20-\\x7e\\x80-\\xff]");

  function validateHeaderName(name, label = undefined) {
    if (typeof name !== "string" || name === "" || RegExpPrototypeExec(TOKEN, name) === null) {
      throw new ERR_INVALID_HTTP_TOKEN(label || "Header name", name);
    }
  }

  function validateHeaderValue(name, value) {
    if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE(value, name);
    if (RegExpPrototypeExec(FORBIDDEN_IN_VALUES, String(value)) !== null) throw new ERR_INVALID_CHAR("header content", name);
  }

  // https://nodejs.org/api/http.html#messageheaders: of these a second one is dropped, all others are joined.
  const FIRST_ONLY = new SafeSet(["age", "authorization", "content-length", "content-type", "etag", "expires", "from", "host",
    "if-modified-since", "if-unmodified-since", "last-modified", "location", "max-forwards", "proxy-authorization",
    "referer", "retry-after", "server", "user-agent"]);

  function addHeader(target, name, value) {
    if (name === "set-cookie") {
      if (target[name] === undefined) target[name] = [value];
      else ArrayPrototypePush(target[name], value);
    } else if (target[name] === undefined) {
      target[name] = value;
    } else if (!FIRST_ONLY.has(name)) {
      target[name] += (name === "cookie" ? "; " : ", ") + value;
    }
  }

  /** The socket that a message seems to have come through: an emitter with an address, closed with the message. */
  function MessageSocket(remoteAddress, encrypted) {
    ReflectApply(EventEmitter, this, []);
    this.remoteAddress = remoteAddress;
    this.remoteFamily = remoteAddress === undefined ? undefined : "IPv4";
    this.remotePort = remoteAddress === undefined ? undefined : 443;
    this.localAddress = "127.0.0.1";
    this.localPort = 443;
    this.encrypted = encrypted;
    this.readable = true;
    this.writable = true;
    this.destroyed = false;
    this.bytesRead = 0;
    this.bytesWritten = 0;
  }
  ObjectSetPrototypeOf(MessageSocket.prototype, EventEmitter.prototype);
  ObjectSetPrototypeOf(MessageSocket, EventEmitter);
  ObjectAssign(MessageSocket.prototype, {
    address() {
      return { address: this.localAddress, family: "IPv4", port: this.localPort };
    },
    cork() {},
    destroy() {
      if (this.destroyed) return this;
      this.destroyed = true;
      this.readable = this.writable = false;
      this.emit("close");
      return this;
    },
    end() {
      return this.destroy();
    },
    pause() {
      return this;
    },
    ref() {
      return this;
    },
    resume() {
      return this;
    },
    setKeepAlive() {
      return this;
    },
    setNoDelay() {
      return this;
    },
    setTimeout() {
      return this;
    },
    uncork() {},
    unref() {
      return this;
    },
  });

  /** A message that arrived. `body` is a ReadableStream of bytes, or null. */
  function IncomingMessage(socket = undefined) {
    ReflectApply(Readable, this, [{ autoDestroy: true, emitClose: true }]);
    this.httpVersionMajor = 1;
    this.httpVersionMinor = 1;
    this.httpVersion = "1.1";
    this.complete = false;
    this.rawHeaders = [];
    this.rawTrailers = [];
    this.headers = {};
    this.trailers = {};
    this.joinDuplicateHeaders = false;
    this.aborted = false;
    this.upgrade = null;
    this.url = "";
    this.method = null;
    this.statusCode = null;
    this.statusMessage = null;
    this.socket = socket;
    this._reader = null;
    this._pulling = false;
  }
  ObjectSetPrototypeOf(IncomingMessage.prototype, Readable.prototype);
  ObjectSetPrototypeOf(IncomingMessage, Readable);
  ObjectDefineProperty(IncomingMessage.prototype, "connection", {
    __proto__: null,
    get() {
      return this.socket;
    },
    set(value) {
      this.socket = value;
    },
    configurable: true,
  });
  ObjectDefineProperty(IncomingMessage.prototype, "headersDistinct", {
    __proto__: null,
    get() {
      const distinct = { __proto__: null };
      for (let i = 0; i < this.rawHeaders.length; i += 2) {
        ArrayPrototypePush(distinct[StringPrototypeToLowerCase(this.rawHeaders[i])] ??= [], this.rawHeaders[i + 1]);
      }
      return distinct;
    },
    configurable: true,
  });

  // What Node's own parser calls, and packages that make messages themselves.
  IncomingMessage.prototype._addHeaderLine = function (name, value, target) {
    addHeader(target, StringPrototypeToLowerCase(name), value);
  };
  IncomingMessage.prototype._addHeaderLines = function (headers, count) {
    if (!headers?.length) return;
    this.rawHeaders = headers;
    for (let i = 0; i < count; i += 2) this._addHeaderLine(headers[i], headers[i + 1], this.headers);
  };

  /** Takes headers and body of a web Request or Response. */
  IncomingMessage.prototype._take = function (headers, body) {
    headers.forEach((value, name) => {
      ArrayPrototypePush(this.rawHeaders, name, value);
      addHeader(this.headers, name, value);
    });
    if (body !== null) this._reader = body.getReader();
  };

  IncomingMessage.prototype._read = function () {
    if (this._reader === null) {
      this.complete = true;
      this.push(null);
      return;
    }
    if (this._pulling) return;
    this._pulling = true;
    this._reader.read().then(({ done, value }) => {
      this._pulling = false;
      if (done) {
        this._reader = null;
        this.complete = true;
        this.push(null);
      } else {
        this.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      }
    }, (error) => {
      this._reader = null;
      this.aborted = true;
      this.destroy(error);
    });
  };

  IncomingMessage.prototype._destroy = function (error, callback) {
    const reader = this._reader;
    this._reader = null;
    if (reader !== null) reader.cancel(error ?? undefined).catch(() => {});
    if (!this.readableEnded || !this.complete) {
      this.aborted = true;
      this.emit("aborted");
    }
    callback(error);
  };

  IncomingMessage.prototype.setTimeout = function (_milliseconds, callback) {
    if (callback !== undefined) this.on("timeout", callback);
    return this;
  };

  /** A message that leaves: headers first, then what is written. */
  function OutgoingMessage(options = undefined) {
    ReflectApply(Writable, this, [{ autoDestroy: true, emitClose: true, decodeStrings: true, ...options }]);
    this._names = new SafeMap();
    this.headersSent = false;
    this.sendDate = true;
    this.finished = false;
    this.chunkedEncoding = false;
    this.shouldKeepAlive = true;
    this.useChunkedEncodingByDefault = true;
    this.strictContentLength = false;
    this.req = undefined;
    this.socket = null;
  }
  ObjectSetPrototypeOf(OutgoingMessage.prototype, Writable.prototype);
  ObjectSetPrototypeOf(OutgoingMessage, Writable);
  ObjectDefineProperty(OutgoingMessage.prototype, "connection", {
    __proto__: null,
    get() {
      return this.socket;
    },
    set(value) {
      this.socket = value;
    },
    configurable: true,
  });
  // What old middleware looks at to know whether the head has left.
  ObjectDefineProperty(OutgoingMessage.prototype, "_header", {
    __proto__: null,
    get() {
      return this._head ?? (this.headersSent ? "sent" : null);
    },
    set(head) {
      this._head = head;
    },
    configurable: true,
  });
  ObjectAssign(OutgoingMessage.prototype, {
    setHeader(name, value) {
      if (this.headersSent) throw new ERR_HTTP_HEADERS_SENT("set");
      validateHeaderName(name);
      if (ArrayIsArray(value)) {
        for (let i = 0; i < value.length; i++) validateHeaderValue(name, value[i]);
      } else {
        validateHeaderValue(name, value);
      }
      this._names.set(StringPrototypeToLowerCase(name), [name, value]);
      return this;
    },
    setHeaders(headers) {
      if (this.headersSent) throw new ERR_HTTP_HEADERS_SENT("set");
      if (typeof headers?.forEach !== "function") throw new ERR_INVALID_ARG_TYPE("headers", ["Headers", "Map"], headers);
      headers.forEach((value, name) => {
        if (name === "set-cookie") this.appendHeader(name, value);
        else this.setHeader(name, value);
      });
      return this;
    },
    appendHeader(name, value) {
      if (this.headersSent) throw new ERR_HTTP_HEADERS_SENT("append");
      const present = this.getHeader(name);
      if (present === undefined) return this.setHeader(name, value);
      const list = ArrayIsArray(present) ? [...present] : [present];
      if (ArrayIsArray(value)) ArrayPrototypePush(list, ...value);
      else ArrayPrototypePush(list, value);
      return this.setHeader(name, list);
    },
    getHeader(name) {
      if (typeof name !== "string") throw new ERR_INVALID_ARG_TYPE("name", "string", name);
      return this._names.get(StringPrototypeToLowerCase(name))?.[1];
    },
    getHeaderNames() {
      return [...this._names.keys()];
    },
    getRawHeaderNames() {
      return [...this._names.values()].map(([name]) => name);
    },
    getHeaders() {
      const all = { __proto__: null };
      this._names.forEach(([, value], name) => all[name] = value);
      return all;
    },
    hasHeader(name) {
      return this._names.has(StringPrototypeToLowerCase(String(name)));
    },
    removeHeader(name) {
      if (this.headersSent) throw new ERR_HTTP_HEADERS_SENT("remove");
      this._names.delete(StringPrototypeToLowerCase(String(name)));
    },
    flushHeaders() {
      this._sendHead();
    },
    addTrailers() {},
    setTimeout(_milliseconds, callback) {
      if (callback !== undefined) this.on("timeout", callback);
      return this;
    },
    // The names and values for a web Headers object, cookies one by one.
    _list() {
      const list = [];
      this._names.forEach(([name, value]) => {
        if (ArrayIsArray(value)) {
          for (let i = 0; i < value.length; i++) ArrayPrototypePush(list, [name, String(value[i])]);
        } else {
          ArrayPrototypePush(list, [name, String(value)]);
        }
      });
      return list;
    },
  });

  /** The headers argument of `writeHead` and `request`, in its three shapes. */
  function setAll(message, headers) {
    if (headers === undefined || headers === null) return;
    if (ArrayIsArray(headers)) {
      if (headers.length > 0 && ArrayIsArray(headers[0])) {
        for (let i = 0; i < headers.length; i++) message.appendHeader(headers[i][0], headers[i][1]);
      } else {
        for (let i = 0; i + 1 < headers.length; i += 2) message.appendHeader(headers[i], headers[i + 1]);
      }
      return;
    }
    const names = ObjectKeys(headers);
    for (let i = 0; i < names.length; i++) {
      if (headers[names[i]] !== undefined) message.setHeader(names[i], headers[names[i]]);
    }
  }

  /** A chunk as bytes of its own: what was written may be changed by its writer. */
  function bytesOf(chunk, encoding) {
    if (typeof chunk === "string") return Buffer.from(chunk, encoding === "buffer" ? undefined : encoding);
    return new Uint8Array(chunk);
  }

  return { IncomingMessage, MessageSocket, OutgoingMessage, bytesOf, setAll, validateHeaderName, validateHeaderValue };
})()
