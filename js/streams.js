// Streams that Workers adds: https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayBufferPrototypeGetByteLength,
    DataViewPrototypeGetByteLength,
    Number,
    Promise,
    TypeError,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetSymbolToStringTag,
    Uint8Array,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteOffset,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteOffset,
    TypedArrayPrototypeSlice,
  } = primordials;
  const { isAnyArrayBuffer } = core;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { TransformStream, ReadableStream, WritableStream } = core.loadExtScript("ext:deno_web/06_streams.js");

  const { announceLength } = core.loadExtScript("ext:eyot/lengths.js");

  /** The chunk's bytes, copied: the writer may reuse its buffer. */
  function bytesOf(chunk) {
    if (typeof chunk === "string") return core.encode(chunk);
    let view;
    if (isAnyArrayBuffer(chunk)) {
      view = new Uint8Array(chunk, 0, ArrayBufferPrototypeGetByteLength(chunk));
    } else if (ArrayBufferIsView(chunk)) {
      view = TypedArrayPrototypeGetSymbolToStringTag(chunk) === undefined
        ? new Uint8Array(
          DataViewPrototypeGetBuffer(chunk),
          DataViewPrototypeGetByteOffset(chunk),
          DataViewPrototypeGetByteLength(chunk),
        )
        : new Uint8Array(
          TypedArrayPrototypeGetBuffer(chunk),
          TypedArrayPrototypeGetByteOffset(chunk),
          TypedArrayPrototypeGetByteLength(chunk),
        );
    } else {
      throw new TypeError(
        "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.",
      );
    }
    return TypedArrayPrototypeSlice(view);
  }

  /** Ends of a pipe of bytes: a write is done when it has been read, and the readable end is a byte stream. */
  function bytePipe(lengthMax) {
    let source, sink, pending = null, left = lengthMax;
    const settle = () => {
      const { resolve } = pending;
      pending = null;
      resolve();
    };
    const readable = new ReadableStream({
      __proto__: null,
      type: "bytes",
      start(controller) {
        source = controller;
      },
      pull(controller) {
        if (pending === null) return waitForWrite();
        const { bytes } = pending;
        controller.enqueue(bytes);
        settle();
      },
      cancel(reason) {
        if (pending !== null) settle();
        sink.error(reason);
      },
    }, { __proto__: null, highWaterMark: 0 });
    let wake = null;
    function waitForWrite() {
      return new Promise((resolve) => wake = resolve);
    }
    const stir = () => {
      const resolve = wake;
      wake = null;
      if (resolve !== null) resolve();
    };
    const writable = new WritableStream({
      __proto__: null,
      start(controller) {
        sink = controller;
      },
      write(chunk) {
        const bytes = bytesOf(chunk);
        const length = TypedArrayPrototypeGetByteLength(bytes);
        if (length === 0) return;
        if (left !== null) {
          if (length > left) throw overflow();
          left -= length;
        }
        if (wake !== null) {
          // A reader waits: it has this at once.
          source.enqueue(bytes);
          stir();
          return;
        }
        return new Promise((resolve) => pending = { __proto__: null, bytes, resolve });
      },
      close() {
        if (left !== null && left !== 0) {
          const error = new TypeError("FixedLengthStream did not see all expected bytes before close().");
          source.error(error);
          stir();
          throw error;
        }
        source.close();
        source.byobRequest?.respond(0);
        stir();
      },
      abort(reason) {
        source.error(reason);
        stir();
      },
    });

    function overflow() {
      const error = new TypeError("Attempt to write too many bytes through a FixedLengthStream.");
      source.error(error);
      stir();
      return error;
    }
    return { __proto__: null, readable, writable };
  }

  /** https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#identitytransformstream */
  class IdentityTransformStream extends TransformStream {
    #readable;
    #writable;

    constructor(_queuingStrategy = undefined) {
      super();
      const length = expected;
      expected = null;
      const { readable, writable } = bytePipe(length);
      if (length !== null) announceLength(readable, length);
      this.#readable = readable;
      this.#writable = writable;
    }

    get readable() {
      return this.#readable;
    }

    get writable() {
      return this.#writable;
    }
  }

  // The length that a FixedLengthStream under construction hands to its parent's constructor.
  let expected = null;

  /** https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#fixedlengthstream */
  class FixedLengthStream extends IdentityTransformStream {
    constructor(expectedLength, queuingStrategy = undefined) {
      webidl.requiredArguments(arguments.length, 1, "Failed to construct 'FixedLengthStream'");
      const length = Number(expectedLength);
      if (!(length >= 0 && length <= 9007199254740991)) {
        throw new TypeError("FixedLengthStream requires an integer expected length between 0 and 2^53 - 1.");
      }
      expected = length - length % 1;
      super(queuingStrategy);
    }
  }

  webidl.configureInterface(IdentityTransformStream);
  webidl.configureInterface(FixedLengthStream);

  return { FixedLengthStream, IdentityTransformStream };
})()
