// CompressionStream and DecompressionStream: https://compression.spec.whatwg.org/, in place of deno_web's own, whose
// output no cap holds back.
(function () {
  const { core, primordials } = __bootstrap;
  const { SymbolFor } = primordials;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { TransformStream } = core.loadExtScript("ext:deno_web/06_streams.js");
  const { codecOf } = core.loadExtScript("ext:eyot/codecs.js");

  webidl.converters.CompressionFormat = webidl.createEnumConverter("CompressionFormat", [
    "deflate",
    "deflate-raw",
    "gzip",
    "brotli",
  ]);

  /** A transformer through one of the host's codecs. */
  function codecStream(format, decompress, prefix) {
    let to;
    const codec = codecOf(format, decompress, (output) => to.enqueue(output));
    return new TransformStream({
      __proto__: null,
      transform(chunk, controller) {
        to = controller;
        codec.feed(webidl.converters.BufferSource(chunk, prefix, "chunk"));
      },
      flush(controller) {
        to = controller;
        codec.finish();
      },
      cancel: codec.drop,
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
