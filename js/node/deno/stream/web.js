// deno_node 0.198.0, polyfills/stream/web.js, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core } = __bootstrap;
  const {
    TransformStream,
    TransformStreamDefaultController,
    WritableStream,
    WritableStreamDefaultController,
    WritableStreamDefaultWriter,
    ReadableByteStreamController,
    ReadableStream,
    ReadableStreamBYOBReader,
    ReadableStreamBYOBRequest,
    ReadableStreamDefaultController,
    ReadableStreamDefaultReader,
    ByteLengthQueuingStrategy,
    CountQueuingStrategy
  } = core.loadExtScript("ext:deno_web/06_streams.js");
  const {
    TextDecoderStream,
    TextEncoderStream
  } = core.loadExtScript("ext:deno_web/08_text_encoding.js");
  const {
    CompressionStream,
    DecompressionStream
  } = core.loadExtScript("ext:deno_web/14_compression.js");
  return {
    ReadableStream,
    ReadableStreamDefaultReader,
    ReadableStreamBYOBReader,
    ReadableStreamBYOBRequest,
    ReadableByteStreamController,
    ReadableStreamDefaultController,
    TransformStream,
    TransformStreamDefaultController,
    WritableStream,
    WritableStreamDefaultWriter,
    WritableStreamDefaultController,
    ByteLengthQueuingStrategy,
    CountQueuingStrategy,
    TextEncoderStream,
    TextDecoderStream,
    CompressionStream,
    DecompressionStream
  };
})()
