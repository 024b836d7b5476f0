// node:fs as streams, and its file handles.
(function () {
  const { core, primordials } = __bootstrap;
  const { MathMin, ObjectSetPrototypeOf, ReflectApply, SymbolAsyncDispose } = primordials;
  const { default: Readable } = core.loadExtScript("ext:eyot_node/deno/internal/streams/readable.js");
  const { default: Writable } = core.loadExtScript("ext:eyot_node/deno/internal/streams/writable.js");
  const { EventEmitter } = core.loadExtScript("ext:eyot_node/deno/_events.js");
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { sync } = core.loadExtScript("ext:eyot_node/fs_files.js");
  const { optionsOf, pathOf } = core.loadExtScript("ext:eyot_node/fs_arguments.js");
  const { ERR_OUT_OF_RANGE } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");

  /** What both kinds begin with: a path to open, a descriptor, or a handle. */
  function begin(stream, path, options, flags) {
    const isHandle = typeof options.fd?.fd === "number";
    stream.fd = options.fd === undefined || options.fd === null ? null : isHandle ? options.fd.fd : options.fd;
    stream.path = stream.fd === null ? (pathOf(path), path) : path;
    stream.flags = options.flags ?? flags;
    stream.mode = options.mode ?? 0o666;
    stream.autoClose = options.autoClose ?? true;
    stream.pending = stream.fd === null;
    stream.closed_ = false;
    stream.handle_ = isHandle ? options.fd : undefined;
  }

  const shared = {
    _construct(callback) {
      if (this.fd !== null) {
        callback();
        return;
      }
      try {
        this.fd = sync.openSync(this.path, this.flags, this.mode);
      } catch (error) {
        callback(error);
        return;
      }
      this.pending = false;
      callback();
      this.emit("open", this.fd);
      this.emit("ready");
    },

    _destroy(error, callback) {
      if (this.fd === null || this.closed_ || !this.autoClose && !error) {
        callback(error);
        return;
      }
      this.closed_ = true;
      try {
        if (this.handle_ !== undefined) this.handle_.close();
        else sync.closeSync(this.fd);
        this.fd = null;
      } catch (failed) {
        callback(error ?? failed);
        return;
      }
      callback(error);
    },

    close(callback = undefined) {
      if (callback !== undefined) {
        if (this.closed) callback();
        else this.once("close", () => callback());
      }
      this.destroy();
    },
  };

  function range(value, name) {
    if (value === undefined || value === Infinity) return;
    if (!(typeof value === "number" && value >= 0)) throw new ERR_OUT_OF_RANGE(name, ">= 0", value);
  }

  function ReadStream(path, options = undefined) {
    if (!(this instanceof ReadStream)) return new ReadStream(path, options);
    const given = optionsOf(options);
    range(given.start, "start");
    range(given.end, "end");
    if (given.start > given.end) throw new ERR_OUT_OF_RANGE("start", `<= "end" (here: ${given.end})`, given.start);
    begin(this, path, given, "r");
    this.start = given.start;
    this.end = given.end ?? Infinity;
    this.pos = given.start;
    this.bytesRead = 0;
    ReflectApply(Readable, this, [{ highWaterMark: 65536, ...given, autoDestroy: this.autoClose, emitClose: given.emitClose ?? true }]);
    if (given.encoding) this.setEncoding(given.encoding);
  }
  ObjectSetPrototypeOf(ReadStream.prototype, Readable.prototype);
  ObjectSetPrototypeOf(ReadStream, Readable);
  for (const name in shared) ReadStream.prototype[name] = shared[name];
  ReadStream.prototype._read = function (size) {
    const room = this.end === Infinity ? size : MathMin(size, this.end - (this.start ?? 0) + 1 - this.bytesRead);
    if (room <= 0) {
      this.push(null);
      return;
    }
    let bytes;
    try {
      bytes = Buffer.alloc(room);
      const count = sync.readSync(this.fd, bytes, 0, room, this.pos ?? null);
      bytes = bytes.subarray(0, count);
    } catch (error) {
      this.destroy(error);
      return;
    }
    this.bytesRead += bytes.length;
    if (this.pos !== undefined) this.pos += bytes.length;
    this.push(bytes.length === 0 ? null : bytes);
  };

  function WriteStream(path, options = undefined) {
    if (!(this instanceof WriteStream)) return new WriteStream(path, options);
    const given = optionsOf(options);
    range(given.start, "start");
    begin(this, path, given, "w");
    this.start = given.start;
    this.pos = given.start;
    this.bytesWritten = 0;
    ReflectApply(Writable, this, [{ ...given, decodeStrings: true, autoDestroy: this.autoClose, emitClose: given.emitClose ?? true }]);
    if (given.encoding) this.setDefaultEncoding(given.encoding);
  }
  ObjectSetPrototypeOf(WriteStream.prototype, Writable.prototype);
  ObjectSetPrototypeOf(WriteStream, Writable);
  for (const name in shared) WriteStream.prototype[name] = shared[name];
  WriteStream.prototype._write = function (data, _encoding, callback) {
    try {
      const count = sync.writeSync(this.fd, data, 0, data.length, this.pos ?? null);
      this.bytesWritten += count;
      if (this.pos !== undefined) this.pos += count;
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  };
  WriteStream.prototype.destroySoon = WriteStream.prototype.end;

  class FileHandle extends EventEmitter {
    #fd;

    constructor(fd) {
      super();
      this.#fd = fd;
    }

    get fd() {
      return this.#fd;
    }

    async close() {
      if (this.#fd === -1) return;
      sync.closeSync(this.#fd);
      this.#fd = -1;
      this.emit("close");
    }

    async read(buffer = undefined, ...rest) {
      const options = buffer === undefined || buffer === null || !primordials.ArrayBufferIsView(buffer) ? { ...buffer } : undefined;
      const target = options === undefined ? buffer : options.buffer ?? Buffer.alloc(16384);
      const bytesRead = sync.readSync(this.#fd, target, ...(options === undefined ? rest : [options]));
      return { bytesRead, buffer: target };
    }

    async write(buffer, ...rest) {
      return { bytesWritten: sync.writeSync(this.#fd, buffer, ...rest), buffer };
    }

    async readv(buffers, position = undefined) {
      return { bytesRead: sync.readvSync(this.#fd, buffers, position), buffers };
    }

    async writev(buffers, position = undefined) {
      return { bytesWritten: sync.writevSync(this.#fd, buffers, position), buffers };
    }

    createReadStream(options = undefined) {
      return new ReadStream(undefined, { ...optionsOf(options), fd: this });
    }

    createWriteStream(options = undefined) {
      return new WriteStream(undefined, { ...optionsOf(options), fd: this });
    }

    readableWebStream() {
      return Readable.toWeb(this.createReadStream({ autoClose: false }));
    }

    readLines(options = undefined) {
      const stream = this.createReadStream(options);
      return (async function* () {
        let text = "";
        stream.setEncoding("utf8");
        for await (const chunk of stream) {
          const lines = `${text}${chunk}`.split(/\r\n|\n|\r(?!$)/);
          text = lines.pop();
          yield* lines;
        }
        if (text !== "") yield text;
      })();
    }

    async [SymbolAsyncDispose]() {
      await this.close();
    }
  }
  const onHandle = {
    __proto__: null,
    appendFile: sync.appendFileSync, chmod: sync.fchmodSync, chown: sync.fchownSync, datasync: sync.fdatasyncSync,
    readFile: sync.readFileSync, stat: sync.fstatSync, sync: sync.fsyncSync, truncate: sync.ftruncateSync, utimes: sync.futimesSync,
    writeFile: sync.writeFileSync,
  };
  for (const name in onHandle) {
    FileHandle.prototype[name] = async function (...args) {
      return onHandle[name](this.fd, ...args);
    };
  }

  return { FileHandle, ReadStream, WriteStream };
})()
