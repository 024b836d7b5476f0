// brotli-wasm: a codec in WebAssembly, its module imported as Workers import one.
import init, { BrotliStreamResult, compress, CompressStream, decompress } from "../node_modules/brotli-wasm/pkg.web/brotli_wasm.js";
import module from "../node_modules/brotli-wasm/pkg.web/brotli_wasm_bg.wasm";

let ready;

export default {
  async fetch(request) {
    await (ready ??= init(module));
    const text = new TextEncoder().encode((await request.text()) || "nothing ".repeat(500));
    const packed = compress(text, { quality: 9 });
    const stream = new CompressStream(5);
    const { code, buf } = stream.compress(text, 1 << 16);
    return Response.json([
      text.length,
      [...packed.subarray(0, 16)],
      packed.length,
      new TextDecoder().decode(decompress(packed)) === new TextDecoder().decode(text),
      code === BrotliStreamResult.NeedsMoreInput, stream.total_out() >= buf.length,
      buf.length,
      (() => {
        try {
          decompress(new Uint8Array([1, 2, 3]));
        } catch (error) {
          return `${error}`;
        }
      })(),
    ]);
  },
};
