// Codecs: the host's compressors and decompressors, fed by the streams that use them.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetSymbolToStringTag,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_codec_drop,
    op_eyot_codec_finish,
    op_eyot_codec_new,
    op_eyot_codec_push,
    op_eyot_codec_take,
    op_eyot_codec_waiting,
  } = core.ops;

  const FED_BYTES_AT_ONCE = 256 << 10;

  /** The bytes of a buffer or of a view, where they are. */
  function viewOf(bytes) {
    if (core.isAnyArrayBuffer(bytes)) return new Uint8Array(bytes);
    const tag = TypedArrayPrototypeGetSymbolToStringTag(bytes);
    if (tag === "Uint8Array") return bytes;
    return tag === undefined
      ? new Uint8Array(
        DataViewPrototypeGetBuffer(bytes),
        DataViewPrototypeGetByteOffset(bytes),
        DataViewPrototypeGetByteLength(bytes),
      )
      : new Uint8Array(
        TypedArrayPrototypeGetBuffer(bytes),
        TypedArrayPrototypeGetByteOffset(bytes),
        TypedArrayPrototypeGetByteLength(bytes),
      );
  }

  /** A codec of this format, which is made with its first bytes; `put` gets what comes out. */
  function codecOf(format, decompress, put) {
    let codec = null;
    const opened = () => codec ??= op_eyot_codec_new(format, decompress);
    const pass = (length) => {
      if (length === 0) return;
      // Allocated here, where the cap refuses what does not fit; the host only fills it.
      const output = new Uint8Array(length);
      op_eyot_codec_take(codec, output);
      put(output);
    };
    const drop = () => {
      if (codec !== null) op_eyot_codec_drop(codec);
    };
    return {
      __proto__: null,
      drop,
      feed(bytes) {
        const view = viewOf(bytes);
        const length = TypedArrayPrototypeGetByteLength(view);
        try {
          // In pieces: between ops a CPU budget that has run out ends the script.
          for (let at = 0; at < length; at += FED_BYTES_AT_ONCE) {
            pass(op_eyot_codec_push(opened(), TypedArrayPrototypeSubarray(view, at, at + FED_BYTES_AT_ONCE)));
          }
        } catch (error) {
          // What came before the fault is for whoever waits.
          if (codec !== null) pass(op_eyot_codec_waiting(codec));
          drop();
          throw error;
        }
      },
      finish() {
        pass(op_eyot_codec_finish(opened()));
        drop();
      },
    };
  }

  return { codecOf, viewOf };
})()
