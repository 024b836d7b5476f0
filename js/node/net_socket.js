// The sockets of node:net: streams over the host's connections, which node:tls secures.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    Error,
    NumberParseInt,
    ObjectAssign,
    ObjectDefineProperty,
    ObjectKeys,
    ObjectSetPrototypeOf,
    PromisePrototypeThen,
    ReflectApply,
    SafeArrayIterator,
    StringPrototypeIncludes,
    StringPrototypeLastIndexOf,
    StringPrototypeSlice,
    TypeError,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeSlice,
  } = primordials;
  const Duplex = core.loadExtScript("ext:eyot_node/deno/internal/streams/duplex.js").default;
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_IP_ADDRESS, ERR_MISSING_ARGS, ERR_SOCKET_BAD_PORT, ERR_SOCKET_CLOSED } =
    core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { validateBoolean, validateFunction, validateInt32, validateNumber } = core.loadExtScript(
    "ext:eyot_node/deno/internal/validators.js",
  );
  const { isIP } = core.loadExtScript("ext:eyot_node/addresses.js");
  const timers = core.loadExtScript("ext:eyot_node/timers.js");
  const tcp = () => core.loadExtScript("ext:eyot/tcp.js");

  /** What a socket is underneath, where no script gets at it: its connection once it is open, and what becomes of it. */
  class Given {
    constructor(object) {
      return object;
    }
  }
  class State extends Given {
    #state;

    constructor(socket) {
      super(socket);
      this.#state = { __proto__: null, connection: undefined, opened: undefined, reading: false, taken: false, idle: undefined, remote: undefined, local: undefined };
    }

    static of(socket) {
      return socket.#state;
    }
  }
  const stateOf = State.of;
  delete State.of;

  function Socket(options = undefined) {
    if (!(this instanceof Socket)) return new Socket(options);
    if (typeof options === "number") throw new TypeError("A socket of a file descriptor is not supported.");
    const { allowHalfOpen = false, highWaterMark, signal } = options ?? {};
    for (const name of new SafeArrayIterator(["objectMode", "readableObjectMode", "writableObjectMode"])) {
      if (options?.[name]) throw new ERR_INVALID_ARG_VALUE(`options.${name}`, options[name], "is not supported");
    }
    ReflectApply(Duplex, this, [{ allowHalfOpen: !!allowHalfOpen, highWaterMark, signal, emitClose: false, decodeStrings: true }]);
    new State(this);
    this.connecting = false;
    this.timeout = 0;
    this.bytesRead = 0;
    this._bytesDispatched = 0;
    this._hadError = false;
    this.autoSelectFamilyAttemptedAddresses = [];
    this._handle = null;
  }
  ObjectSetPrototypeOf(Socket.prototype, Duplex.prototype);
  ObjectSetPrototypeOf(Socket, Duplex);

  /** `(port, host, listener)`, `(path)`, `(options, listener)`: options and listener. */
  function normalized(args) {
    const last = args[args.length - 1];
    const listener = typeof last === "function" ? last : null;
    const [first, second] = args;
    if (typeof first === "object" && first !== null) return [first, listener];
    if (typeof first === "string" && (first === "" || !(+first >= 0))) return [{ path: first }, listener];
    return [{ port: first, ...(typeof second === "string" ? { host: second } : {}) }, listener];
  }

  /** What Node refuses, whether or not it is of use here: https://nodejs.org/api/net.html#socketconnectoptions-connectlistener */
  function validate({ autoSelectFamily, autoSelectFamilyAttemptTimeout, localAddress, localPort, lookup }) {
    if (localAddress && isIP(localAddress) === 0) throw new ERR_INVALID_IP_ADDRESS(localAddress);
    if (localPort) validateNumber(localPort, "options.localPort");
    if (autoSelectFamily !== undefined && autoSelectFamily !== null) validateBoolean(autoSelectFamily, "options.autoSelectFamily");
    if (autoSelectFamilyAttemptTimeout !== undefined && autoSelectFamilyAttemptTimeout !== null) {
      validateInt32(autoSelectFamilyAttemptTimeout, "options.autoSelectFamilyAttemptTimeout", 1);
    }
    if (lookup !== undefined && lookup !== null) validateFunction(lookup, "options.lookup");
  }

  /** The error as Node's system errors are. */
  function failure(error, host, port) {
    if (error?.code === undefined || error.syscall !== undefined) return error;
    const { code } = error;
    const syscall = code === "ENOTFOUND" ? "getaddrinfo" : "connect";
    const made = new Error(code === "ENOTFOUND" ? `${syscall} ${code} ${host}` : `${syscall} ${code} ${host}:${port}`);
    return ObjectAssign(made, code === "ENOTFOUND"
      ? { errno: -3008, code, syscall, hostname: host }
      : { errno: ERRNO[code] ?? -5, code, syscall, address: host, port, cause: error });
  }
  const ERRNO = { __proto__: null, ECONNREFUSED: -111, ECONNRESET: -104, ETIMEDOUT: -110, EHOSTUNREACH: -113, ENETUNREACH: -101, EACCES: -13, EPIPE: -32 };

  function begin(socket, host, port, open) {
    const state = stateOf(socket);
    socket.connecting = true;
    socket.connectingHost = host;
    state.opened = PromisePrototypeThen(open(), (opened) => {
      state.connection = opened.id;
      if (socket.destroyed) {
        tcp().close(opened.id);
        return;
      }
      state.remote = addressOf(opened.remote);
      state.local = addressOf(opened.local);
      socket.connecting = false;
      stir(socket);
      socket.emit("connect");
      socket.emit("ready");
      if (socket.readableFlowing !== false) socket.read(0);
    });
    PromisePrototypeThen(state.opened, undefined, (error) => {
      socket.connecting = false;
      socket.destroy(failure(error, host, port));
    });
  }

  function addressOf(text) {
    const at = StringPrototypeLastIndexOf(text, ":");
    let address = StringPrototypeSlice(text, 0, at);
    if (address[0] === "[") address = StringPrototypeSlice(address, 1, -1);
    return { __proto__: null, address, port: NumberParseInt(StringPrototypeSlice(text, at + 1), 10) };
  }

  /** Something has happened: the time of silence begins anew. */
  function stir(socket) {
    const state = stateOf(socket);
    if (state.idle !== undefined) timers.clearTimeout(state.idle);
    state.idle = socket.timeout > 0 && !socket.destroyed
      ? timers.setTimeout(() => socket.emit("timeout"), socket.timeout)
      : undefined;
  }

  const methods = {
    connect(...args) {
      const [options, listener] = normalized(args);
      if (listener !== null) this.once("connect", listener);
      if (options.path !== undefined && options.path !== null) {
        throw new TypeError("Connecting to a socket of the file system is not supported.");
      }
      const { port, host = "localhost" } = options;
      validate(options);
      if (port === undefined) throw new ERR_MISSING_ARGS(["options", "port", "path"]);
      const number = typeof port === "string" && port !== "" ? +port : port;
      if (typeof number !== "number") throw new ERR_INVALID_ARG_TYPE("options.port", ["number", "string"], port);
      if (!(number >= 0 && number <= 65535) || number % 1 !== 0) throw new ERR_SOCKET_BAD_PORT("Port", port, true);
      if (this.connecting || stateOf(this).connection !== undefined) throw new Error("The socket is connected already.");
      begin(this, host, number, () => tcp().open(`${host}`, number, false));
      return this;
    },
    _final(callback) {
      whenOpen(this, callback, (connection) => tcp().finish(connection));
    },
    _write(chunk, _encoding, callback) {
      const bytes = TypedArrayPrototypeSlice(chunk);
      const length = TypedArrayPrototypeGetByteLength(bytes);
      this._bytesDispatched += length;
      stir(this);
      whenOpen(this, callback, (connection) => tcp().write(connection, bytes));
    },
    _read() {
      const state = stateOf(this);
      // Once another socket goes on under TLS, it reads.
      if (state.reading || state.taken) return;
      if (state.connection === undefined) {
        if (state.opened !== undefined) this.once("connect", () => this._read());
        return;
      }
      state.reading = true;
      PromisePrototypeThen(tcp().read(state.connection), (bytes) => {
        state.reading = false;
        // Null: the connection went on under TLS, and is read there.
        if (bytes === null || this.destroyed) return;
        stir(this);
        const length = TypedArrayPrototypeGetByteLength(bytes);
        if (length === 0) {
          this.push(null);
          // Whoever does not listen for data learns of the end too.
          if (this.readableLength === 0) this.resume();
          return;
        }
        this.bytesRead += length;
        this.push(Buffer.from(TypedArrayPrototypeGetBuffer(bytes), TypedArrayPrototypeGetByteOffset(bytes), length));
      }, (error) => {
        state.reading = false;
        if (!this.destroyed) this.destroy(readFailure(error));
      });
    },
    _destroy(error, callback) {
      const state = stateOf(this);
      this.connecting = false;
      if (state.idle !== undefined) timers.clearTimeout(state.idle);
      if (state.connection !== undefined) tcp().close(state.connection);
      this._hadError = error !== null && error !== undefined;
      callback(error);
      core.loadExtScript("ext:eyot_node/ticks.js").nextTick(() => this.emit("close", this._hadError));
    },
    destroySoon() {
      if (this.writable) this.end();
      if (this.writableFinished) this.destroy();
      else this.once("finish", this.destroy);
    },
    resetAndDestroy() {
      return this.destroy(this.connecting || stateOf(this).connection !== undefined ? undefined : new ERR_SOCKET_CLOSED());
    },
    setTimeout(milliseconds, callback = undefined) {
      if (callback !== undefined) {
        validateFunction(callback, "callback");
        if (milliseconds === 0) this.removeListener("timeout", callback);
        else this.once("timeout", callback);
      }
      this.timeout = +milliseconds;
      stir(this);
      return this;
    },
    // The host's connections have no delay, and live as long as their request.
    setKeepAlive() {
      return this;
    },
    setNoDelay() {
      return this;
    },
    ref() {
      return this;
    },
    unref() {
      return this;
    },
    address() {
      const { local } = stateOf(this);
      return local === undefined ? {} : { address: local.address, family: familyOf(local), port: local.port };
    },
  };
  for (const name of new SafeArrayIterator(ObjectKeys(methods))) {
    ObjectDefineProperty(Socket.prototype, name, { __proto__: null, value: methods[name], writable: true, configurable: true });
  }

  function readFailure(error) {
    return error?.code === undefined ? error : ObjectAssign(new Error(`read ${error.code}`), {
      errno: ERRNO[error.code] ?? -5,
      code: error.code,
      syscall: "read",
    });
  }

  function whenOpen(socket, callback, work) {
    const state = stateOf(socket);
    if (state.opened === undefined) {
      callback(new ERR_SOCKET_CLOSED());
      return;
    }
    const done = PromisePrototypeThen(state.opened, () => work(state.connection));
    PromisePrototypeThen(done, () => callback(), (error) => callback(error));
  }

  const familyOf = (end) => StringPrototypeIncludes(end.address, ":") ? "IPv6" : "IPv4";

  const attributes = {
    pending: (socket) => stateOf(socket).connection === undefined,
    readyState(socket) {
      if (socket.connecting) return "opening";
      const open = stateOf(socket).connection !== undefined && !socket.destroyed;
      if (!open) return "closed";
      if (socket.readable && socket.writable) return "open";
      return socket.readable ? "readOnly" : socket.writable ? "writeOnly" : "closed";
    },
    bytesWritten: (socket) => socket._bytesDispatched,
    bufferSize: (socket) => socket.writableLength,
    remoteAddress: (socket) => stateOf(socket).remote?.address,
    remotePort: (socket) => stateOf(socket).remote?.port,
    remoteFamily: (socket) => stateOf(socket).remote && familyOf(stateOf(socket).remote),
    localAddress: (socket) => stateOf(socket).local?.address,
    localPort: (socket) => stateOf(socket).local?.port,
    localFamily: (socket) => stateOf(socket).local && familyOf(stateOf(socket).local),
  };
  for (const name of new SafeArrayIterator(ObjectKeys(attributes))) {
    const read = attributes[name];
    ObjectDefineProperty(Socket.prototype, name, {
      __proto__: null,
      get() {
        return read(this);
      },
      configurable: true,
    });
  }

  function connect(...args) {
    const [options] = normalized(args);
    const socket = new Socket(options);
    if (options.timeout) socket.setTimeout(options.timeout);
    return ReflectApply(socket.connect, socket, args);
  }

  return { Socket, begin, connect, failure, normalized, stateOf };
})()
