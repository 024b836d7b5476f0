// CompressionStream and DecompressionStream: https://compression.spec.whatwg.org/, in place of deno_web's own, whose
// output no cap holds back.
(function () {
  const { core, primordials } = __bootstrap;
  const { SymbolFor, Uint8Array } = primordials;
  const {
    op_eyot_codec_drop,
    op_eyot_codec_finish,
    op_eyot_codec_new,
    op_eyot_codec_push,
    op_eyot_codec_take,
    op_eyot_codec_waiting,
  } = core.ops;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { TransformStream } = core.loadExtScript("ext:deno_web/06_streams.js");

  webidl.converters.CompressionFormat = webidl.createEnumConverter("CompressionFormat", [
    "deflate",
    "deflate-raw",
    "gzip",
    "brotli",
  ]);

  /** A transformer through one of the host's codecs, which is made with the first chunk. */
  function codecStream(format, decompress, prefix) {
    let codec = null;
    const opened = () => codec ??= op_eyot_codec_new(format, decompress);
    const pass = (length, controller) => {
      if (length === 0) return;
      // Allocated here, where the cap refuses what does not fit; the host only fills it.
      const output = new Uint8Array(length);
      op_eyot_codec_take(codec, output);
      controller.enqueue(output);
    };
    const drop = () => {
      if (codec !== null) op_eyot_codec_drop(codec);
    };
    return new TransformStream({
      __proto__: null,
      transform(chunk, controller) {
        const bytes = webidl.converters.BufferSource(chunk, prefix, "chunk");
        try {
          pass(op_eyot_codec_push(opened(), bytes), controller);
        } catch (error) {
          // What came before the fault is for whoever waits.
          if (codec !== null) pass(op_eyot_codec_waiting(codec), controller);
          drop();
          throw error;
        }
      },
      flush(controller) {
        pass(op_eyot_codec_finish(opened()), controller);
        drop();
      },
      cancel: drop,
    });
  }

  class CompressionStream {
    #transform;

    constructor(format) {
      const prefix = "Failed to construct 'CompressionStream'";
      webidl.requiredArguments(arguments.length, 1, prefix);
      format = webidl.converters.CompressionFormat(format, prefix, "Argument 1");
      this.#transform = codecStream(format, false, prefix);
      this[webidl.brand] = webidl.brand;
    }

    get readable() {
      webidl.assertBranded(this, CompressionStreamPrototype);
      return this.#transform.readable;
    }

    get writable() {
      webidl.assertBranded(this, CompressionStreamPrototype);
      return this.#transform.writable;
    }

    [SymbolFor("Deno.privateCustomInspect")](inspect, inspectOptions) {
      return `CompressionStream ${inspect({ readable: this.readable, writable: this.writable }, inspectOptions)}`;
    }
  }

  webidl.configureInterface(CompressionStream);
  const CompressionStreamPrototype = CompressionStream.prototype;

  class DecompressionStream {
    #transform;

    constructor(format) {
      const prefix = "Failed to construct 'DecompressionStream'";
      webidl.requiredArguments(arguments.length, 1, prefix);
      format = webidl.converters.CompressionFormat(format, prefix, "Argument 1");
      this.#transform = codecStream(format, true, prefix);
      this[webidl.brand] = webidl.brand;
    }

    get readable() {
      webidl.assertBranded(this, DecompressionStreamPrototype);
      return this.#transform.readable;
    }

    get writable() {
      webidl.assertBranded(this, DecompressionStreamPrototype);
      return this.#transform.writable;
    }

    [SymbolFor("Deno.privateCustomInspect")](inspect, inspectOptions) {
      return `DecompressionStream ${inspect({ readable: this.readable, writable: this.writable }, inspectOptions)}`;
    }
  }

  webidl.configureInterface(DecompressionStream);
  const DecompressionStreamPrototype = DecompressionStream.prototype;

  return { CompressionStream, DecompressionStream };
})()
