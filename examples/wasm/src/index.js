// A WebAssembly module: importing `.wasm` gives a WebAssembly.Module. math.wat beside it is its source.

import math from "./math.wasm";

/** @type {any} */
const { exports } = new WebAssembly.Instance(math);

export default {
  fetch(request) {
    const { searchParams } = new URL(request.url);
    const [a, b] = [searchParams.get("a"), searchParams.get("b")].map(Number);
    if (!(Number.isInteger(a) && Number.isInteger(b) && a > 0 && b > 0)) {
      return new Response("give two positive whole numbers: /?a=1071&b=462\n", { status: 400 });
    }
    return Response.json({ gcd: exports.gcd(a, b) >>> 0 });
  },
};
