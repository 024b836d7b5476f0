// Node's HTTP client over fetch: the same egress policy, the same counting of subrequests.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    ArrayIsArray,
    Error,
    ObjectAssign,
    ObjectCreate,
    ObjectKeys,
    ObjectSetPrototypeOf,
    ReflectApply,
    RegExpPrototypeExec,
    SafeRegExp,
    String,
    StringPrototypeIncludes,
    StringPrototypeToLowerCase,
    StringPrototypeToUpperCase,
  } = primordials;
  const { EventEmitter } = core.loadExtScript("ext:eyot_node/deno/_events.js");
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { IncomingMessage, MessageSocket, OutgoingMessage, bytesOf, setAll } = core.loadExtScript(
    "ext:eyot_node/http_message.js",
  );
  const { failure } = core.loadExtScript("ext:eyot_node/net_socket.js");
  const { AbortError, ERR_INVALID_ARG_TYPE, ERR_INVALID_HTTP_TOKEN, ERR_INVALID_PROTOCOL, ERR_INVALID_URL, ERR_UNESCAPED_CHARACTERS } =
    core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { _checkIsHttpToken: isToken } = core.loadExtScript("ext:eyot_node/_http_common.js");
  const { validateBoolean, validateInteger } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { AbortController } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
  const { URL } = core.loadExtScript("ext:deno_web/00_url.js");
  const { Headers } = core.loadExtScript("ext:deno_fetch/20_headers.js");
  const { nextTick } = core.loadExtScript("ext:eyot_node/ticks.js");
  const timers = core.loadExtScript("ext:eyot_node/timers.js");

  /** Connections are the host's: an agent is what libraries hand around. */
  function Agent(options = undefined) {
    if (!(this instanceof Agent)) return new Agent(options);
    ReflectApply(EventEmitter, this, []);
    this.options = { ...options };
    this.requests = {};
    this.sockets = {};
    this.freeSockets = {};
    this.keepAlive = this.options.keepAlive ?? true;
    this.maxSockets = this.options.maxSockets ?? Infinity;
    this.maxFreeSockets = this.options.maxFreeSockets ?? 256;
    this.defaultPort = this.options.defaultPort ?? 80;
    this.protocol = this.options.protocol ?? "http:";
    this.keepAliveMsecs = this.options.keepAliveMsecs ?? 1000;
    this.maxTotalSockets = this.options.maxTotalSockets ?? Infinity;
    this.scheduling = this.options.scheduling ?? "lifo";
    this.totalSocketCount = 0;
  }
  ObjectSetPrototypeOf(Agent.prototype, EventEmitter.prototype);
  ObjectSetPrototypeOf(Agent, EventEmitter);
  Agent.defaultMaxSockets = Infinity;
  ObjectAssign(Agent.prototype, {
    addRequest() {},
    createConnection: () => undefined,
    createSocket() {},
    destroy() {},
    getName(options = {}) {
      const family = options.family === 4 || options.family === 6 ? `:${options.family}` : "";
      const path = options.socketPath ? `:${options.socketPath}` : "";
      return `${options.host || "localhost"}:${options.port || ""}:${options.localAddress || ""}${family}${path}`;
    },
    keepSocketAlive: () => true,
    removeSocket() {},
    reuseSocket() {},
  });
  const globalAgent = new Agent();

  /** `(url, options, callback)`, `(options, callback)`: one object of options. */
  function optionsOf([first, second, third]) {
    let options = {};
    let callback = third;
    if (typeof first === "string" || typeof first?.href === "string" && typeof first.searchParams === "object") {
      const url = urlOf(String(first));
      options = {
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port === "" ? undefined : url.port,
        path: url.pathname + url.search,
        auth: url.username === "" ? undefined : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`,
      };
      if (typeof second === "function") callback = second;
      else ObjectAssign(options, second);
    } else {
      ObjectAssign(options, first);
      callback = second;
    }
    return [options, callback];
  }

  function urlOf(text) {
    try {
      return new URL(text);
    } catch {
      throw new ERR_INVALID_URL(text);
    }
  }

  const NOT_IN_A_PATH = new SafeRegExp(/[^\u0021-\u00ff]/);

  /** What Node refuses, before anything is asked, in its order: https://nodejs.org/api/http.html#httprequesturl-options-callback */
  function validate({ agent, headers, host, hostname, insecureHTTPParser, joinDuplicateHeaders, maxHeaderSize, method, path }) {
    if (agent !== false && agent !== null && agent !== undefined && typeof agent.addRequest !== "function") {
      throw new ERR_INVALID_ARG_TYPE("options.agent", ["Agent-like Object", "undefined", "false"], agent);
    }
    if (path && RegExpPrototypeExec(NOT_IN_A_PATH, String(path)) !== null) throw new ERR_UNESCAPED_CHARACTERS("Request path");
    const checkHost = (value, name) => {
      if (value === null || value === undefined || typeof value === "string") return;
      throw new ERR_INVALID_ARG_TYPE(`options.${name}`, ["string", "undefined", "null"], value);
    };
    checkHost(hostname, "hostname");
    checkHost(host, "host");
    if (method !== null && method !== undefined && typeof method !== "string") {
      throw new ERR_INVALID_ARG_TYPE("options.method", "string", method);
    }
    if (method && !isToken(method)) throw new ERR_INVALID_HTTP_TOKEN("Method", method);
    if (maxHeaderSize !== undefined) validateInteger(maxHeaderSize, "maxHeaderSize", 0);
    if (insecureHTTPParser !== undefined) validateBoolean(insecureHTTPParser, "insecureHTTPParser");
    if (joinDuplicateHeaders !== undefined) validateBoolean(joinDuplicateHeaders, "options.joinDuplicateHeaders");
    if (typeof headers !== "object" || headers === null || ArrayIsArray(headers)) return;
    const names = ObjectKeys(headers);
    for (let i = 0; i < names.length; i++) {
      if (StringPrototypeToLowerCase(names[i]) === "host" && ArrayIsArray(headers[names[i]])) {
        throw new ERR_INVALID_ARG_TYPE("options.headers.host", "String", headers[names[i]]);
      }
    }
  }

  // What a connection fails of, by the words in which fetch says it.
  const CODES = [
    ["Connection refused", "ECONNREFUSED"], ["dns error", "ENOTFOUND"], ["No route to host", "EHOSTUNREACH"],
    ["Network is unreachable", "ENETUNREACH"], ["timed out", "ETIMEDOUT"],
  ];
  const CLOSED = ["Connection reset", "connection closed before message completed"];

  function hangUp() {
    return ObjectAssign(new Error("socket hang up"), { code: "ECONNRESET" });
  }

  /** The error as Node's are, whose codes say whether it is worth another try. */
  function asNodes(error, { host, protocol, _port }) {
    const words = `${error?.cause?.message}`;
    for (let i = 0; i < CLOSED.length; i++) {
      if (StringPrototypeIncludes(words, CLOSED[i])) return hangUp();
    }
    for (let i = 0; i < CODES.length; i++) {
      if (!StringPrototypeIncludes(words, CODES[i][0])) continue;
      error.code = CODES[i][1];
      return failure(error, host, +(_port ?? (protocol === "https:" ? 443 : 80)));
    }
    return error;
  }

  function ClientRequest(...args) {
    ReflectApply(start, this, ["http:", args]);
  }

  function start(protocol, args) {
    const [options, callback] = optionsOf(args);
    validate(options);
    // It is over with its answer and not once it is sent.
    ReflectApply(OutgoingMessage, this, [{ autoDestroy: false }]);
    this.protocol = options.protocol ?? protocol;
    if (this.protocol !== "http:" && this.protocol !== "https:") throw new ERR_INVALID_PROTOCOL(this.protocol, protocol);
    this.method = StringPrototypeToUpperCase(options.method || "GET");
    this.host = options.hostname ?? options.host ?? "localhost";
    this.path = options.path || "/";
    this.agent = options.agent === undefined ? globalAgent : options.agent;
    this.aborted = false;
    this.reusedSocket = false;
    this.maxHeadersCount = null;
    this.res = null;
    this._port = options.port;
    this._chunks = [];
    this._abort = new AbortController();
    this._timer = undefined;
    this.socket = new MessageSocket(undefined, this.protocol === "https:");
    setAll(this, options.headers);
    if (options.auth && !this.hasHeader("authorization")) {
      this.setHeader("Authorization", `Basic ${Buffer.from(options.auth).toString("base64")}`);
    }
    if (callback !== undefined) this.once("response", callback);
    if (options.timeout !== undefined) this.setTimeout(options.timeout);
    nextTick(() => this.emit("socket", this.socket));
    const { signal } = options;
    const abort = () => this.destroy(new AbortError(undefined, { cause: signal.reason }));
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  }
  ObjectSetPrototypeOf(ClientRequest.prototype, OutgoingMessage.prototype);
  ObjectSetPrototypeOf(ClientRequest, OutgoingMessage);

  ObjectAssign(ClientRequest.prototype, {
    // The head leaves with the body: fetch takes both at once.
    _sendHead() {},

    _write(chunk, encoding, callback) {
      ArrayPrototypePush(this._chunks, bytesOf(chunk, encoding));
      callback();
    },

    _final(callback) {
      callback();
      this._send();
    },

    async _send() {
      const { fetch } = core.loadExtScript("ext:eyot/fetch.js");
      this.headersSent = true;
      this.finished = true;
      const port = this._port === undefined || this._port === null ? "" : `:${this._port}`;
      const bodiless = this.method === "GET" || this.method === "HEAD";
      try {
        const response = await fetch(`${this.protocol}//${this.host}${port}${this.path}`, {
          method: this.method,
          headers: new Headers(this._list()),
          body: bodiless || this._chunks.length === 0 ? undefined : Buffer.concat(this._chunks),
          redirect: "manual",
          signal: this._abort.signal,
        });
        this._clearTimer();
        const incoming = new IncomingMessage(this.socket);
        incoming.statusCode = response.status;
        incoming.statusMessage = response.statusText;
        incoming.req = this;
        incoming._take(response.headers, response.body);
        this.res = incoming;
        if (!this.emit("response", incoming)) incoming.resume();
        incoming.once("close", () => this.destroy());
      } catch (error) {
        this._clearTimer();
        if (!this.destroyed) this.destroy(asNodes(error, this));
      }
    },

    _clearTimer() {
      if (this._timer !== undefined) timers.clearTimeout(this._timer);
      this._timer = undefined;
    },

    _destroy(error, callback) {
      this._clearTimer();
      if (this.res === null) {
        this._abort.abort();
        error ??= hangUp();
      } else if (!this.res.readableEnded && !this.res.destroyed) {
        this.res.destroy(error ?? undefined);
      }
      callback(error);
    },

    abort() {
      if (this.aborted) return;
      this.aborted = true;
      this.emit("abort");
      this.destroy();
    },

    setTimeout(milliseconds, callback = undefined) {
      if (callback !== undefined) this.once("timeout", callback);
      this._clearTimer();
      if (milliseconds > 0) this._timer = timers.setTimeout(() => this.emit("timeout"), milliseconds);
      return this;
    },

    setNoDelay() {},
    setSocketKeepAlive() {},
  });

  function requestWith(protocol, args) {
    const request = ObjectCreate(ClientRequest.prototype);
    ReflectApply(start, request, [protocol, args]);
    return request;
  }

  return { Agent, ClientRequest, globalAgent, requestWith };
})()
