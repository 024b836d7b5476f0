// The handles that Node's zlib drives: each call moves a stream of the host by at most the two buffers it is given.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    MathMin,
    RangeError,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    ObjectPrototypeIsPrototypeOf,
    DataViewPrototype,
    Uint32Array,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_zlib_crc32,
    op_eyot_zlib_end,
    op_eyot_zlib_new,
    op_eyot_zlib_new_brotli,
    op_eyot_zlib_set_level,
    op_eyot_zlib_write,
    op_eyot_zstd_end,
    op_eyot_zstd_new,
    op_eyot_zstd_write,
  } = core.ops;

  const [NONE, DEFLATE, INFLATE, GZIP, GUNZIP, DEFLATERAW, INFLATERAW, UNZIP, BROTLI_DECODE, BROTLI_ENCODE,
    ZSTD_COMPRESS, ZSTD_DECOMPRESS] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
  const Z_FINISH = 4;
  const Z_OK = 0;
  const Z_STREAM_END = 1;
  const Z_NEED_DICT = 2;
  const Z_DATA_ERROR = -3;
  const Z_BUF_ERROR = -5;

  function part(view, offset, length) {
    if (offset + length > TypedArrayPrototypeGetByteLength(view)) throw new RangeError("out of the buffer's range");
    return new Uint8Array(TypedArrayPrototypeGetBuffer(view), TypedArrayPrototypeGetByteOffset(view) + offset, length);
  }

  const EMPTY = new Uint8Array(0);

  // One op does not read more than this: between ops a CPU budget that has run out ends the script.
  const PIECE_BYTES = 1 << 18;

  /** Moves a stream on by all of `input`, or as far as `output` has room; `left` as the op leaves it. */
  function advance(stream, flush, input, output, left) {
    let [read, written] = [0, 0];
    while (true) {
      const piece = part(input, read, MathMin(PIECE_BYTES, input.length - read));
      const last = read + piece.length === input.length;
      op_eyot_zlib_write(stream, last ? flush : 0, piece, part(output, written, output.length - written), left);
      read += piece.length - left[1];
      written = output.length - left[0];
      left[1] = input.length - read;
      if (last || left[0] === 0 || left[2] !== Z_OK) return;
    }
  }

  /** What both kinds share: writing at once or on the next turn, and the report of errors. */
  class Handle {
    #left = new Uint32Array(3);
    #process = undefined;
    #closed = false;
    #writing = false;

    constructor(mode) {
      this.mode = mode;
    }

    begin(processCallback) {
      this.#process = processCallback;
    }

    close() {
      this.#closed = true;
      if (!this.#writing) this.drop();
    }

    writeSync(flush, input, inOffset, inLength, output, outOffset, outLength, state) {
      const source = input === null || input === undefined ? EMPTY : part(input, inOffset, inLength);
      this.move(flush, source, part(output, outOffset, outLength), this.#left);
      state[0] = this.#left[0];
      state[1] = this.#left[1];
    }

    write(flush, input, inOffset, inLength, output, outOffset, outLength, state) {
      this.#writing = true;
      try {
        this.writeSync(flush, input, inOffset, inLength, output, outOffset, outLength, state);
      } finally {
        this.#writing = false;
        if (this.#closed) this.drop();
      }
    }

    fail(message, number, code) {
      this.onerror(message, number, code);
    }
  }

  class Zlib extends Handle {
    #stream = null;
    #settings = undefined;
    #head = [];
    #rejectGarbage = false;
    #ended = false;

    init(windowBits, level, _memoryLevel, _strategy, processCallback, dictionary) {
      this.begin(processCallback);
      this.#settings = [level, windowBits === 0 ? 15 : windowBits, dictionary ?? null];
      this.#open();
    }

    #open() {
      const [level, windowBits, dictionary] = this.#settings;
      this.#head = [];
      this.#ended = false;
      // What UNZIP is, its first byte says.
      if (this.mode === UNZIP || this.mode === NONE) this.drop();
      else this.#start(this.mode, level, windowBits, dictionary);
    }

    #start(mode, level, windowBits, dictionary) {
      this.drop();
      this.#stream = op_eyot_zlib_new(mode, level, windowBits, dictionary);
    }

    reset() {
      this.#open();
    }

    drop() {
      if (this.#stream !== null) op_eyot_zlib_end(this.#stream);
      this.#stream = null;
    }

    params(level, _strategy) {
      this.#settings[0] = level;
      if (this.#stream !== null) op_eyot_zlib_set_level(this.#stream, level);
    }

    setRejectGarbageAfterEnd(value) {
      this.#rejectGarbage = value;
    }

    /** Whether the first two bytes are what RFC 1950 or RFC 1952 begins with. */
    #startsWell() {
      const [first, second] = this.#head;
      if (this.mode === GUNZIP || this.gzipped) return first === 0x1f && second === 0x8b;
      return this.mode === INFLATERAW || (first & 15) === 8 && (first * 256 + second) % 31 === 0;
    }

    /** Whether another member of a gzip file begins here, as far as can be seen. */
    #beginsMember(input) {
      if (this.mode !== GUNZIP && !(this.mode === UNZIP && this.gzipped) || this.#rejectGarbage) return false;
      return input.length > 0 && input[0] === 0x1f && (input.length === 1 || input[1] === 0x8b);
    }

    move(flush, input, output, left) {
      if (this.#stream === null) {
        if (this.mode !== UNZIP || input.length === 0) {
          left[0] = output.length;
          left[1] = input.length;
          if (this.mode === UNZIP && flush === Z_FINISH) this.fail("unexpected end of file", Z_BUF_ERROR, "Z_BUF_ERROR");
          return;
        }
        const [, windowBits, dictionary] = this.#settings;
        this.#start(input[0] === 0x1f ? GUNZIP : INFLATE, 6, windowBits, dictionary);
        this.gzipped = input[0] === 0x1f;
      }
      if (this.#ended) {
        if (!this.#beginsMember(input)) {
          left[0] = output.length;
          left[1] = input.length;
          return;
        }
        this.#start(GUNZIP, 6, 15, null);
        this.#ended = false;
      }
      for (let i = 0; this.#head.length < 2 && i < input.length; i++) this.#head[this.#head.length] = input[i];
      advance(this.#stream, flush, input, output, left);
      let code = left[2] | 0;
      // A gzip file may have members: after one ends another may begin.
      while (code === Z_STREAM_END && left[1] > 0) {
        const rest = part(input, input.length - left[1], left[1]);
        if (!this.#beginsMember(rest)) break;
        const room = part(output, output.length - left[0], left[0]);
        this.#start(GUNZIP, 6, 15, null);
        advance(this.#stream, flush, rest, room, left);
        code = left[2] | 0;
      }
      if (code === Z_STREAM_END && (this.mode === INFLATE || this.mode === INFLATERAW || this.mode === GUNZIP || this.mode === UNZIP)) {
        this.#ended = true;
        return;
      }
      switch (code) {
        case Z_OK:
        case Z_BUF_ERROR:
          if (flush === Z_FINISH && left[0] !== 0 && this.mode !== DEFLATE && this.mode !== GZIP && this.mode !== DEFLATERAW) {
            this.fail("unexpected end of file", Z_BUF_ERROR, "Z_BUF_ERROR");
          }
          break;
        case Z_STREAM_END:
          break;
        case Z_NEED_DICT:
          this.fail("Missing dictionary", Z_NEED_DICT, "Z_NEED_DICT");
          break;
        default:
          if (this.#settings[2] !== null && this.mode === INFLATE) this.fail("Bad dictionary", Z_DATA_ERROR, "Z_DATA_ERROR");
          else this.fail(this.#startsWell() ? "invalid data" : "incorrect header check", Z_DATA_ERROR, "Z_DATA_ERROR");
      }
    }
  }

  class Brotli extends Handle {
    #stream = null;
    #parameters = undefined;
    #ended = false;

    init(parameters, processCallback) {
      this.begin(processCallback);
      const given = (at, otherwise) => parameters[at] === undefined || (parameters[at] | 0) === -1 ? otherwise : parameters[at];
      this.#parameters = [given(0, 0), given(1, 11), given(2, 22), given(5, 0)];
      this.#open();
      return true;
    }

    #open() {
      const [mode, quality, windowBits, sizeHint] = this.#parameters;
      this.#ended = false;
      this.drop();
      this.#stream = op_eyot_zlib_new_brotli(this.mode === BROTLI_ENCODE, mode, quality, windowBits, sizeHint);
    }

    reset() {
      this.#open();
    }

    drop() {
      if (this.#stream !== null) op_eyot_zlib_end(this.#stream);
      this.#stream = null;
    }

    params() {}

    move(flush, input, output, left) {
      if (this.#stream === null || this.#ended) {
        left[0] = output.length;
        left[1] = input.length;
        return;
      }
      advance(this.#stream, flush, input, output, left);
      const code = left[2] | 0;
      if (this.mode === BROTLI_ENCODE) {
        if (code < 0) this.fail("Compression failed", code, "ERR_BROTLI_COMPRESSION_FAILED");
      } else if (code === Z_STREAM_END) {
        this.#ended = true;
      } else if (code < 0) {
        this.fail("Decompression failed", code, "ERR__ERROR_FORMAT_PADDING_1");
      } else if (flush === 2 && left[0] !== 0) {
        this.fail("unexpected end of file", Z_BUF_ERROR, "Z_BUF_ERROR");
      }
    }
  }

  class BrotliEncoder extends Brotli {}
  class BrotliDecoder extends Brotli {}

  class Zstd extends Handle {
    #stream = null;
    #parameters = undefined;

    init(parameters, processCallback) {
      this.begin(processCallback);
      const given = (at, otherwise) => parameters[at] === undefined || (parameters[at] | 0) === -1 ? otherwise : parameters[at] | 0;
      this.#parameters = [given(100, 3), given(101, 20), given(201, 0) !== 0];
      this.#open();
      return true;
    }

    #open() {
      const [level, windowLog, checksum] = this.#parameters;
      this.drop();
      this.#stream = op_eyot_zstd_new(this.mode === ZSTD_COMPRESS, level, windowLog, checksum);
    }

    reset() {
      this.#open();
    }

    drop() {
      if (this.#stream !== null) op_eyot_zstd_end(this.#stream);
      this.#stream = null;
    }

    params() {}

    move(flush, input, output, left) {
      if (this.#stream === null) {
        left[0] = output.length;
        left[1] = input.length;
        return;
      }
      let [read, written] = [0, 0];
      do {
        const piece = part(input, read, MathMin(PIECE_BYTES, input.length - read));
        const last = read + piece.length === input.length;
        op_eyot_zstd_write(this.#stream, last ? flush : 0, piece, part(output, written, output.length - written), left);
        read += piece.length - left[1];
        written = output.length - left[0];
      } while ((left[2] | 0) >= 0 && read < input.length && left[0] > 0);
      left[1] = input.length - read;
      const code = left[2] | 0;
      if (code < 0) this.fail("Unknown frame descriptor", -10, "ZSTD_error_prefix_unknown");
      else if (this.mode === ZSTD_DECOMPRESS && flush === 2 && code === 0 && left[0] !== 0) {
        this.fail("unexpected end of file", Z_BUF_ERROR, "Z_BUF_ERROR");
      }
    }
  }

  class ZstdCompress extends Zstd {}
  class ZstdDecompress extends Zstd {}

  function crc32(data, value) {
    if (typeof data === "string") return op_eyot_zlib_crc32(core.encode(data), value);
    const bytes = ObjectPrototypeIsPrototypeOf(DataViewPrototype, data)
      ? new Uint8Array(DataViewPrototypeGetBuffer(data), DataViewPrototypeGetByteOffset(data), DataViewPrototypeGetByteLength(data))
      : new Uint8Array(TypedArrayPrototypeGetBuffer(data), TypedArrayPrototypeGetByteOffset(data), TypedArrayPrototypeGetByteLength(data));
    return op_eyot_zlib_crc32(bytes, value);
  }

  const exported = { BrotliDecoder, BrotliEncoder, Zlib, ZstdCompress, ZstdDecompress, crc32 };
  return {
    ...exported,
    NONE, DEFLATE, INFLATE, GZIP, GUNZIP, DEFLATERAW, INFLATERAW, UNZIP, BROTLI_DECODE, BROTLI_ENCODE, ZSTD_COMPRESS,
    ZSTD_DECOMPRESS,
    Z_NO_FLUSH: 0, Z_PARTIAL_FLUSH: 1, Z_SYNC_FLUSH: 2, Z_FULL_FLUSH: 3, Z_FINISH, Z_BLOCK: 5, Z_TREES: 6, Z_OK,
    Z_STREAM_END, Z_NEED_DICT, Z_ERRNO: -1, Z_STREAM_ERROR: -2, Z_DATA_ERROR, Z_MEM_ERROR: -4, Z_BUF_ERROR,
    Z_VERSION_ERROR: -6, Z_NO_COMPRESSION: 0, Z_BEST_SPEED: 1, Z_BEST_COMPRESSION: 9, Z_DEFAULT_COMPRESSION: -1,
    Z_FILTERED: 1, Z_HUFFMAN_ONLY: 2, Z_RLE: 3, Z_FIXED: 4, Z_DEFAULT_STRATEGY: 0, Z_BINARY: 0, Z_TEXT: 1, Z_UNKNOWN: 2,
    Z_DEFLATED: 8, Z_MIN_WINDOWBITS: 8, Z_MAX_WINDOWBITS: 15, Z_DEFAULT_WINDOWBITS: 15, Z_MIN_CHUNK: 64,
    Z_MAX_CHUNK: 0x7fffffff, Z_DEFAULT_CHUNK: 16384, Z_MIN_MEMLEVEL: 1, Z_MAX_MEMLEVEL: 9, Z_DEFAULT_MEMLEVEL: 8,
    Z_MIN_LEVEL: -1, Z_MAX_LEVEL: 9, Z_DEFAULT_LEVEL: -1, BROTLI_OPERATION_PROCESS: 0, BROTLI_OPERATION_FLUSH: 1,
    BROTLI_OPERATION_FINISH: 2, BROTLI_OPERATION_EMIT_METADATA: 3,
    default: exported,
  };
})()
