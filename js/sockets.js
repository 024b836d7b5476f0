// The module `cloudflare:sockets`: https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    NumberParseInt,
    ObjectDefineProperty,
    Promise,
    PromisePrototypeThen,
    PromiseReject,
    RegExpPrototypeExec,
    SafeRegExp,
    SymbolToStringTag,
    TypeError,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeSlice,
    Uint8Array,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetSymbolToStringTag,
  } = primordials;
  const { ReadableStream, WritableStream } = core.loadExtScript("ext:deno_web/06_streams.js");
  const tcp = core.loadExtScript("ext:eyot/tcp.js");

  const kMake = {};
  const ADDRESS = new SafeRegExp(/^(?:\[([0-9a-fA-F:.]+)\]|([^:\/?#@\s]+)):([0-9]{1,5})$/);

  function bytesOf(chunk) {
    if (core.isAnyArrayBuffer(chunk)) return TypedArrayPrototypeSlice(new Uint8Array(chunk));
    if (!ArrayBufferIsView(chunk)) throw new TypeError("This WritableStream only supports writing byte types.");
    const view = TypedArrayPrototypeGetSymbolToStringTag(chunk) === undefined
      ? new Uint8Array(DataViewPrototypeGetBuffer(chunk), DataViewPrototypeGetByteOffset(chunk), DataViewPrototypeGetByteLength(chunk))
      : new Uint8Array(TypedArrayPrototypeGetBuffer(chunk), TypedArrayPrototypeGetByteOffset(chunk), TypedArrayPrototypeGetByteLength(chunk));
    return TypedArrayPrototypeSlice(view);
  }

  function promised() {
    let resolve, reject;
    const promise = new Promise((whenResolved, whenRejected) => {
      resolve = whenResolved;
      reject = whenRejected;
    });
    // Who does not look at it has still been told by the streams.
    PromisePrototypeThen(promise, () => {}, () => {});
    return { __proto__: null, promise, resolve, reject };
  }

  function parsed(address) {
    if (typeof address === "object" && address !== null) {
      const { hostname, port } = address;
      if (typeof hostname !== "string" || hostname === "") throw new TypeError("Specified address could not be parsed.");
      return { __proto__: null, hostname, port: tcp.portOf(port) };
    }
    const text = `${address}`;
    const found = RegExpPrototypeExec(ADDRESS, text);
    if (found === null) {
      const portless = RegExpPrototypeExec(new SafeRegExp(/^[^:\/\s]+$/), text) !== null;
      throw new TypeError(portless ? "Specified address is missing port." : "Specified address could not be parsed.");
    }
    return { __proto__: null, hostname: found[1] ?? found[2], port: tcp.portOf(NumberParseInt(found[3], 10)) };
  }

  class Socket {
    #address;
    #allowHalfOpen;
    #closed = promised();
    #connection;
    #ended = false;
    #opened = promised();
    #readable;
    #source;
    #transport;
    #upgraded = false;
    #writable;

    constructor(make = undefined, address, connected, transport, allowHalfOpen) {
      if (make !== kMake) throw new TypeError("Illegal constructor");
      this.#address = address;
      this.#allowHalfOpen = allowHalfOpen;
      this.#transport = transport;
      this.#readable = this.#newReadable();
      this.#writable = this.#newWritable();
      PromisePrototypeThen(connected, (open) => {
        this.#connection = open.id;
        if (this.#ended) {
          tcp.close(open.id);
          return;
        }
        this.#opened.resolve({ remoteAddress: open.remote, localAddress: open.local });
      }, (error) => this.#fail(error));
    }

    get readable() {
      return this.#readable;
    }

    get writable() {
      return this.#writable;
    }

    get opened() {
      return this.#opened.promise;
    }

    get closed() {
      return this.#closed.promise;
    }

    get upgraded() {
      return this.#upgraded;
    }

    get secureTransport() {
      return this.#transport;
    }

    /** Closes both ways at once. */
    close() {
      this.#end();
      return this.#closed.promise;
    }

    startTls(options = undefined) {
      if (this.#transport !== "starttls") {
        throw new TypeError(
          this.#transport === "on"
            ? "Cannot startTls on a TLS socket."
            : "The `secureTransport` socket option must be set to 'starttls' for startTls to be used.",
        );
      }
      if (this.#upgraded) throw new TypeError("startTls can only be called once.");
      this.#upgraded = true;
      const hostname = options?.expectedServerHostname ?? this.#address.hostname;
      const connected = this.#secured(`${hostname}`);
      return new Socket(kMake, this.#address, connected, "on", this.#allowHalfOpen);
    }

    async #secured(hostname) {
      const open = await this.#opened.promise;
      this.#ended = true;
      await tcp.secure(this.#connection, hostname);
      this.#closed.resolve(undefined);
      return { __proto__: null, id: this.#connection, remote: open.remoteAddress, local: open.localAddress };
    }

    #newReadable() {
      return new ReadableStream({
        __proto__: null,
        type: "bytes",
        start: (controller) => {
          this.#source = controller;
        },
        pull: () => this.#pull(),
        cancel: () => {
          if (!this.#upgraded) this.#end();
        },
      }, { __proto__: null, highWaterMark: 0 });
    }

    async #pull() {
      await this.#opened.promise;
      let bytes;
      try {
        bytes = this.#ended ? null : await tcp.read(this.#connection);
      } catch (error) {
        if (!this.#ended) this.#fail(error);
        return;
      }
      // Closed, or read on under TLS by another socket.
      if (bytes === null || this.#ended) {
        this.#closeReadable();
        return;
      }
      if (TypedArrayPrototypeGetByteLength(bytes) > 0) {
        this.#source.enqueue(bytes);
        return;
      }
      this.#closeReadable();
      if (!this.#allowHalfOpen) this.#end();
    }

    #closeReadable() {
      try {
        this.#source.close();
        this.#source.byobRequest?.respond(0);
      } catch {
        // It was canceled, or has an error already.
      }
    }

    #newWritable() {
      return new WritableStream({
        __proto__: null,
        write: async (chunk) => {
          const bytes = bytesOf(chunk);
          await this.#opened.promise;
          if (this.#ended) throw new TypeError("This WritableStream has been closed.");
          try {
            await tcp.write(this.#connection, bytes);
          } catch (error) {
            this.#fail(error);
            throw error;
          }
        },
        close: async () => {
          await this.#opened.promise;
          if (!this.#ended) await tcp.finish(this.#connection);
        },
        abort: () => {
          if (!this.#upgraded) this.#end();
        },
      });
    }

    #end() {
      if (this.#ended) return;
      this.#ended = true;
      if (this.#connection !== undefined) tcp.close(this.#connection);
      this.#opened.reject(new TypeError("The socket was closed before it was open."));
      this.#closeReadable();
      this.#closed.resolve(undefined);
    }

    #fail(error) {
      this.#ended = true;
      if (this.#connection !== undefined) tcp.close(this.#connection);
      this.#opened.reject(error);
      this.#closed.reject(error);
      try {
        this.#source.error(error);
      } catch {
        // It was canceled.
      }
    }
  }
  ObjectDefineProperty(Socket.prototype, SymbolToStringTag, { __proto__: null, value: "Socket", configurable: true });

  function connect(address, options = undefined) {
    const { secureTransport = "off", allowHalfOpen = false } = options ?? {};
    if (secureTransport !== "off" && secureTransport !== "on" && secureTransport !== "starttls") {
      throw new TypeError("Unsupported value in secureTransport socket option.");
    }
    const to = parsed(address);
    let connected;
    try {
      connected = tcp.open(to.hostname, to.port, secureTransport === "on");
    } catch (error) {
      connected = PromiseReject(error);
    }
    return new Socket(kMake, to, connected, secureTransport, !!allowHalfOpen);
  }

  return { connect, default: { connect } };
})()
