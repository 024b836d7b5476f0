// DigestStream: https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#constructors, a hash that is written to.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    BigInt,
    PromisePrototypeThen,
    PromiseWithResolvers,
    StringPrototypeToUpperCase,
    TypeError,
    TypedArrayPrototypeGetBuffer,
  } = primordials;
  const { op_eyot_digest_finish, op_eyot_digest_new } = core.ops;
  const { viewOf } = core.loadExtScript("ext:eyot/codecs.js");
  const { update } = core.loadExtScript("ext:eyot/digests.js");
  const { isAnyArrayBuffer } = core;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
  const { WritableStream } = core.loadExtScript("ext:deno_web/06_streams.js");

  const NAMES = {
    __proto__: null,
    MD5: "MD5",
    "SHA-1": "SHA-1",
    "SHA-256": "SHA-256",
    "SHA-384": "SHA-384",
    "SHA-512": "SHA-512",
  };

  function nameOf(algorithm) {
    const given = typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm;
    const name = NAMES[StringPrototypeToUpperCase(webidl.converters.DOMString(given))];
    if (name === undefined) throw new DOMException("Unrecognized or unimplemented digest algorithm.", "NotSupportedError");
    return name;
  }

  function bytesOf(chunk) {
    if (typeof chunk === "string") return core.encode(chunk);
    if (ArrayBufferIsView(chunk) || isAnyArrayBuffer(chunk)) return chunk;
    throw new TypeError("DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.");
  }

  class DigestStream extends WritableStream {
    #digest;
    #written;

    constructor(algorithm) {
      webidl.requiredArguments(arguments.length, 1, "Failed to construct 'DigestStream'");
      const name = nameOf(algorithm);
      const answer = PromiseWithResolvers();
      // Made with the first chunk: a snapshot cannot hold it.
      let state = null;
      const opened = () => state ??= op_eyot_digest_new(name);
      const count = { __proto__: null, bytes: 0 };
      super({
        __proto__: null,
        write(chunk) {
          const bytes = bytesOf(chunk);
          update(opened(), viewOf(bytes));
          count.bytes += bytes.byteLength;
        },
        close() {
          answer.resolve(TypedArrayPrototypeGetBuffer(op_eyot_digest_finish(opened())));
        },
        abort(reason) {
          answer.reject(reason);
        },
      });
      // Whoever does not ask for the digest is not told that there is none.
      PromisePrototypeThen(answer.promise, undefined, () => {});
      this.#digest = answer.promise;
      this.#written = count;
    }

    get digest() {
      return this.#digest;
    }

    get bytesWritten() {
      return BigInt(this.#written.bytes);
    }
  }

  webidl.configureInterface(DigestStream);

  return { DigestStream };
})()
