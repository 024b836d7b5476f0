// What node:fs takes: paths, flags, encodings, times, checked as Node checks them.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    DatePrototypeGetTime, NumberIsInteger, ObjectPrototypeIsPrototypeOf, DatePrototype, StringPrototypeIncludes, Uint8Array,
    ArrayBufferIsView, NumberIsNaN,
  } = primordials;
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { fsConstants: constants } = core.loadExtScript("ext:eyot_node/system.js");
  const errors = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE } = errors;
  const { validateInteger, validateInt32 } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  /** A path as text: a string, bytes, or a `file:` URL. */
  function pathOf(path, name = "path") {
    let text = path;
    if (typeof path?.href === "string" && typeof path.protocol === "string") {
      text = core.loadExtScript("ext:eyot_node/deno/url.js").fileURLToPath(path);
    } else if (ArrayBufferIsView(path) && path.BYTES_PER_ELEMENT === 1) {
      text = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString("utf8");
    }
    if (typeof text !== "string") throw new ERR_INVALID_ARG_TYPE(name, ["string", "Buffer", "URL"], path);
    if (StringPrototypeIncludes(text, "\0")) {
      throw new ERR_INVALID_ARG_VALUE(name, path, "must be a string, Uint8Array, or URL without null bytes");
    }
    return text;
  }

  const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
  const FLAGS = {
    __proto__: null,
    r: O_RDONLY, rs: O_RDONLY, sr: O_RDONLY, "r+": O_RDWR, "rs+": O_RDWR, "sr+": O_RDWR,
    w: O_TRUNC | O_CREAT | O_WRONLY, wx: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL, xw: O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
    "w+": O_TRUNC | O_CREAT | O_RDWR, "wx+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL, "xw+": O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
    a: O_APPEND | O_CREAT | O_WRONLY, ax: O_APPEND | O_CREAT | O_WRONLY | O_EXCL, xa: O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
    as: O_APPEND | O_CREAT | O_WRONLY, sa: O_APPEND | O_CREAT | O_WRONLY,
    "a+": O_APPEND | O_CREAT | O_RDWR, "ax+": O_APPEND | O_CREAT | O_RDWR | O_EXCL, "xa+": O_APPEND | O_CREAT | O_RDWR | O_EXCL,
    "as+": O_APPEND | O_CREAT | O_RDWR, "sa+": O_APPEND | O_CREAT | O_RDWR,
  };

  function flagsOf(flags, name = "flags") {
    if (flags === undefined || flags === null) return O_RDONLY;
    if (typeof flags === "number") {
      validateInt32(flags, name);
      return flags;
    }
    const found = typeof flags === "string" ? FLAGS[flags] : undefined;
    if (found === undefined) throw new ERR_INVALID_ARG_VALUE(name, flags);
    return found;
  }

  /** An object of options of "encoding or options". */
  function optionsOf(options, defaults = undefined) {
    if (options === undefined || options === null || typeof options === "function") return { ...defaults };
    const given = typeof options === "string" ? { encoding: options } : options;
    if (typeof given !== "object") throw new ERR_INVALID_ARG_TYPE("options", ["string", "Object"], options);
    const { encoding } = given;
    if (encoding !== undefined && encoding !== null && encoding !== "buffer" && !Buffer.isEncoding(encoding)) {
      throw new ERR_INVALID_ARG_VALUE("encoding", encoding, "is invalid encoding");
    }
    given.signal?.throwIfAborted?.();
    return { ...defaults, ...given };
  }

  /** Bytes, or the text they are in an encoding. */
  function encoded(bytes, encoding) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return encoding === undefined || encoding === null || encoding === "buffer" ? buffer : buffer.toString(encoding);
  }

  /** A name as text or bytes. */
  const named = (name, encoding) => encoding === undefined || encoding === null || encoding === "utf8" || encoding === "utf-8"
    ? name
    : encoded(Buffer.from(name), encoding);

  /** What is written, as bytes. */
  function bytesOf(data, encoding = "utf8", name = "data") {
    if (typeof data === "string") return Buffer.from(data, encoding ?? "utf8");
    if (ArrayBufferIsView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    throw new ERR_INVALID_ARG_TYPE(name, ["string", "Buffer", "TypedArray", "DataView"], data);
  }

  function viewOf(buffer, name = "buffer") {
    if (!ArrayBufferIsView(buffer)) throw new ERR_INVALID_ARG_TYPE(name, ["Buffer", "TypedArray", "DataView"], buffer);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  }

  function descriptorOf(fd, name = "fd") {
    if (typeof fd !== "number") throw new ERR_INVALID_ARG_TYPE(name, "number", fd);
    validateInt32(fd, name, 0);
    return fd;
  }

  function modeOf(mode, fallback) {
    if (mode === undefined || mode === null) return fallback;
    const { parseFileMode } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
    return parseFileMode(mode, "mode") & 0o7777;
  }

  /** Milliseconds of a time in seconds, a date, or text that is a number. */
  function timeOf(time, name) {
    if (ObjectPrototypeIsPrototypeOf(DatePrototype, time)) return DatePrototypeGetTime(time);
    const seconds = typeof time === "string" ? +time : time;
    if (typeof seconds === "number" && !NumberIsNaN(seconds)) return seconds * 1000;
    throw new ERR_INVALID_ARG_TYPE(name, ["Date", "Time in seconds"], time);
  }

  function lengthOf(length, name = "len") {
    if (length === undefined || length === null) return 0;
    validateInteger(length, name);
    return length < 0 ? 0 : length;
  }

  /** Where to read or write: a place in the file, or `null` for where the last call ended. */
  function positionOf(position) {
    if (position === undefined || position === null || position === -1 || position === -1n) return null;
    const number = typeof position === "bigint" ? primordials.Number(position) : position;
    if (typeof number !== "number") throw new ERR_INVALID_ARG_TYPE("position", ["integer", "bigint"], position);
    if (!NumberIsInteger(number) || number < 0) throw new ERR_OUT_OF_RANGE("position", ">= 0", position);
    return number;
  }

  return {
    bytesOf, constants, descriptorOf, encoded, flagsOf, lengthOf, modeOf, named, optionsOf, pathOf, positionOf, timeOf, viewOf,
  };
})()
