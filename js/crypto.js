// Crypto: Deno's WebCrypto within limits, and what Workers adds (https://developers.cloudflare.com/workers/runtime-apis/web-crypto/).
//
// Deno runs the work beside JavaScript, on threads whose CPU time is charged to the isolate. A call keeps its request
// open until it is done, so that somebody is there to be charged, and what one call may cost is capped here, because a
// call that runs cannot be stopped. No randomness at the top level: a snapshot would give every isolate the same.
(function () {
  const { core, internals, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    ObjectCreate,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    PromisePrototypeThen,
    ReflectApply,
    SafeArrayIterator,
    StringPrototypeToUpperCase,
    Symbol,
    TypeError,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetSymbolToStringTag,
    TypedArrayPrototypeSlice,
    Uint8Array,
  } = primordials;
  const { op_eyot_digest_finish, op_eyot_digest_new, op_eyot_digest_update, op_eyot_timing_safe_equal } = core.ops;
  const { isAnyArrayBuffer } = core;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
  // deno_node would have made this symbol; without it keys are not marked as what they are, and cannot be cloned.
  internals.kKeyObject ??= Symbol("kKeyObject");
  const deno = core.loadExtScript("ext:deno_crypto/00_crypto.js");
  const { currentRun, hold, release, runOrRefuse } = core.loadExtScript("ext:eyot/dispatch.js");
  const { Crypto, CryptoKey, SubtleCrypto } = deno;

  // Workers' own caps on what one call may cost.
  const PBKDF2_ITERATIONS_MAX = 100_000;
  const RSA_MODULUS_BITS_MAX = 4096;

  function define(target, name, value, length) {
    ObjectDefineProperty(value, "length", { __proto__: null, value: length, configurable: true });
    ObjectDefineProperty(target, name, {
      __proto__: null,
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  // The host's objects cannot be part of a snapshot: what scripts hold are objects of ours with the same prototypes, for
  // which the host's are put in when a method is called.
  const crypto = ObjectCreate(Crypto.prototype);
  const subtle = ObjectCreate(SubtleCrypto.prototype);
  crypto[webidl.brand] = webidl.brand;
  subtle[webidl.brand] = webidl.brand;
  const hostsOwn = (object) => object === subtle ? deno.crypto.subtle : object === crypto ? deno.crypto : object;

  const hostsSubtle = ObjectGetOwnPropertyDescriptor(Crypto.prototype, "subtle").get;
  ObjectDefineProperty(Crypto.prototype, "subtle", {
    __proto__: null,
    get: ObjectGetOwnPropertyDescriptor({
      get subtle() {
        return this === crypto ? subtle : ReflectApply(hostsSubtle, this, []);
      },
    }, "subtle").get,
    enumerable: true,
    configurable: true,
  });

  for (const name of new SafeArrayIterator(["getRandomValues", "randomUUID"])) {
    const original = Crypto.prototype[name];
    const checked = {
      [name](...args) {
        if (name === "getRandomValues" && args.length > 0 && !ArrayBufferIsView(args[0])) {
          throw new TypeError("Failed to execute 'getRandomValues' on 'Crypto': Argument 1 is not an ArrayBufferView.");
        }
        runOrRefuse();
        return ReflectApply(original, hostsOwn(this), args);
      },
    }[name];
    define(Crypto.prototype, name, checked, original.length);
  }

  // What a key's algorithm says is the host's own record; what a caller's dictionary says is read once, here, and what
  // was read is what Deno is given.
  const COSTS = {
    __proto__: null,
    iterations: { __proto__: null, max: PBKDF2_ITERATIONS_MAX, converter: "unsigned long" },
    modulusLength: { __proto__: null, max: RSA_MODULUS_BITS_MAX, converter: "unsigned long" },
  };

  /** The same algorithm with its costs read and checked; other members are read through to the caller's. */
  function checked(algorithm, member) {
    if (typeof algorithm !== "object" || algorithm === null) return algorithm;
    const { converter, max } = COSTS[member];
    const value = algorithm[member];
    if (value === undefined) return algorithm;
    const number = webidl.converters[converter](value, "Algorithm", member, { __proto__: null, enforceRange: true });
    if (number > max) {
      throw new DOMException(`${member} above ${max} is not supported; requested ${number}.`, "NotSupportedError");
    }
    // An own property over the caller's object: what Deno reads is what was checked.
    const settled = { __proto__: algorithm };
    ObjectDefineProperty(settled, member, { __proto__: null, value: number, enumerable: true });
    return settled;
  }

  /** Keeps the run that is under way open until the host has done this for it. */
  function holdUntil(promise) {
    const run = currentRun();
    if (run === undefined || run.over) return;
    hold(run);
    const settled = () => release(run);
    PromisePrototypeThen(promise, settled, settled);
  }

  // What has begun cannot be taken back when its isolate ends, so there is never much of it: the longest operations weigh
  // the most.
  const WEIGHT_MAX = 2048;
  let underWay = 0;

  function weightOf(name, algorithm) {
    if (name === "deriveBits" || name === "deriveKey") return 8;
    return name === "generateKey" && algorithm?.modulusLength !== undefined ? 512 : 1;
  }

  // An algorithm is an object or the string that anything else becomes.
  const TAKES_ALGORITHM = {
    __proto__: null,
    decrypt: true,
    deriveBits: true,
    deriveKey: true,
    digest: true,
    encrypt: true,
    generateKey: true,
    sign: true,
    verify: true,
  };

  /** Wraps a method of `subtle`: `guard` may change the arguments or answer in its place, `finish` change the answer. */
  function wrap(name, guard, finish = undefined) {
    const original = SubtleCrypto.prototype[name];
    const wrapped = {
      async [name](...args) {
        if (TAKES_ALGORITHM[name] && args.length > 0 && (args[0] === undefined || args[0] === null)) args[0] = `${args[0]}`;
        const answered = guard === null ? undefined : guard(this, args);
        if (answered !== undefined) return answered;
        const weight = weightOf(name, args[0]);
        if (underWay + weight > WEIGHT_MAX) {
          throw new DOMException("Too many cryptographic operations are under way.", "OperationError");
        }
        underWay += weight;
        try {
          const promise = ReflectApply(original, hostsOwn(this), args);
          holdUntil(promise);
          const answer = await promise;
          return finish === undefined ? answer : finish(answer, args);
        } finally {
          underWay -= weight;
        }
      },
    }[name];
    define(SubtleCrypto.prototype, name, wrapped, original.length);
  }

  const USAGES_OF_CIPHERS = { __proto__: null, encrypt: true, decrypt: true, wrapKey: true, unwrapKey: true };
  const USAGES = {
    __proto__: null,
    encrypt: true,
    decrypt: true,
    sign: true,
    verify: true,
    deriveKey: true,
    deriveBits: true,
    wrapKey: true,
    unwrapKey: true,
    encapsulateKey: true,
    encapsulateBits: true,
    decapsulateKey: true,
    decapsulateBits: true,
  };

  /** The usages among a method's arguments: words that are none are a type error before anything else is looked at. */
  function checkUsages(args, at) {
    if (args.length <= at) return;
    const usages = webidl.converters["sequence<DOMString>"](args[at], "SubtleCrypto", `Argument ${at + 1}`);
    for (let i = 0; i < usages.length; i++) {
      if (USAGES[usages[i]] === undefined) throw new TypeError(`"${usages[i]}" is not a key usage.`);
    }
    args[at] = usages;
  }

  // What a key of these can be for is looked at before how long it is to be.
  const USAGES_OF_AES = {
    __proto__: null,
    "AES-CBC": USAGES_OF_CIPHERS,
    "AES-CTR": USAGES_OF_CIPHERS,
    "AES-GCM": USAGES_OF_CIPHERS,
    "AES-KW": { __proto__: null, wrapKey: true, unwrapKey: true },
  };

  function checkUsagesOfAes(args) {
    const allowed = USAGES_OF_AES[nameOf(args[0])];
    if (args.length < 3 || allowed === undefined || typeof args[0].length !== "number") return;
    for (let i = 0; i < args[2].length; i++) {
      if (allowed[args[2][i]] !== true) {
        throw new DOMException(`A key of this algorithm is not for "${args[2][i]}".`, "SyntaxError");
      }
    }
  }

  /** Whole bytes are what the host gives; of the last one only those bits that were asked for are the secret's. */
  function trimmed(secret, args) {
    const bits = args[2] === undefined || args[2] === null ? 0 : webidl.converters["unsigned long"](args[2]);
    if (bits % 8 !== 0) {
      const bytes = new Uint8Array(secret);
      bytes[TypedArrayPrototypeGetByteLength(bytes) - 1] &= 0xff << (8 - bits % 8);
    }
    return secret;
  }

  const capped = (member, usagesAt) => (_subtle, args) => {
    if (args.length > 0) args[0] = checked(args[0], member);
    if (usagesAt !== undefined) checkUsages(args, usagesAt);
    if (member === "modulusLength") checkUsagesOfAes(args);
  };

  /** Key material for derivation is never given back, which Deno does not check. */
  function imported(_subtle, args) {
    checkUsages(args, 4);
    const name = nameOf(args[2]);
    if ((name === "PBKDF2" || name === "HKDF") && args[3]) {
      throw new DOMException(`A ${name} key cannot be extractable.`, "SyntaxError");
    }
  }

  function nameOf(algorithm) {
    const name = typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm;
    return typeof name === "string" ? StringPrototypeToUpperCase(name) : undefined;
  }

  function md5(subtle, args) {
    if (args.length < 2 || nameOf(args[0]) !== "MD5") return undefined;
    webidl.assertBranded(subtle, SubtleCrypto.prototype);
    const data = webidl.converters.BufferSource(args[1], "Failed to execute 'digest' on 'SubtleCrypto'", "Argument 2");
    const digest = op_eyot_digest_new("MD5");
    op_eyot_digest_update(digest, data);
    return TypedArrayPrototypeGetBuffer(op_eyot_digest_finish(digest));
  }

  /** Deno's decryption knows whole tags only; its encryption knows the short ones, and is its own inverse but for the tag. */
  function shortTag(args) {
    if (args.length < 3 || nameOf(args[0]) !== "AES-GCM") return undefined;
    const { iv, additionalData, tagLength } = args[0];
    if (SHORT_TAGS[tagLength] !== true) return undefined;
    const copy = (value, name) => TypedArrayPrototypeSlice(bytesOf(webidl.converters.BufferSource(value, "SubtleCrypto", name)));
    const params = { __proto__: null, name: "AES-GCM", iv: copy(iv, "iv") };
    if (additionalData !== undefined) params.additionalData = copy(additionalData, "additionalData");
    return decryptShort(params, args[1], copy(args[2], "data"), tagLength);
  }

  async function decryptShort(params, key, data, tagLength) {
    const failed = () => new DOMException("Decryption failed.", "OperationError");
    // What Deno checks of the key it checks on an empty message; that this one is not genuine is all it may find.
    const none = { __proto__: null, ...params, tagLength: 128 };
    try {
      await ReflectApply(denoDecrypt, deno.crypto.subtle, [none, key, new Uint8Array(16)]);
    } catch (error) {
      if (error?.name !== "OperationError") throw error;
    }
    const size = TypedArrayPrototypeGetByteLength(data) - tagLength / 8;
    if (size < 0) throw failed();
    const { data: material } = deno.cryptoKeyExportNodeKeyMaterial(key);
    const sealing = deno.importCryptoKeySync("raw", material, "AES-GCM", false, ["encrypt"]);
    const encrypt = async (bytes, length) =>
      new Uint8Array(await ReflectApply(denoEncrypt, deno.crypto.subtle, [{ __proto__: null, ...params, tagLength: length }, sealing, bytes]));
    const opened = TypedArrayPrototypeSlice(await encrypt(TypedArrayPrototypeSlice(data, 0, size), 128), 0, size);
    if (!op_eyot_timing_safe_equal(await encrypt(opened, tagLength), data)) throw failed();
    return TypedArrayPrototypeGetBuffer(opened);
  }

  const { decrypt: denoDecrypt, encrypt: denoEncrypt } = SubtleCrypto.prototype;
  const SHORT_TAGS = { __proto__: null, 32: true, 64: true, 96: true, 104: true, 112: true, 120: true };

  function bytesOf(source) {
    if (isAnyArrayBuffer(source)) return new Uint8Array(source);
    return TypedArrayPrototypeGetSymbolToStringTag(source) === undefined
      ? new Uint8Array(DataViewPrototypeGetBuffer(source), DataViewPrototypeGetByteOffset(source), DataViewPrototypeGetByteLength(source))
      : new Uint8Array(
        TypedArrayPrototypeGetBuffer(source),
        TypedArrayPrototypeGetByteOffset(source),
        TypedArrayPrototypeGetByteLength(source),
      );
  }

  wrap("digest", md5);
  wrap("decrypt", (target, args) => {
    const answer = target === subtle ? shortTag(args) : undefined;
    if (answer !== undefined) holdUntil(answer);
    return answer;
  });
  wrap("deriveBits", capped("iterations"), trimmed);
  wrap("deriveKey", capped("iterations", 4));
  wrap("generateKey", capped("modulusLength", 2));
  wrap("importKey", imported);
  wrap("unwrapKey", (_subtle, args) => checkUsages(args, 6));
  for (
    const name of new SafeArrayIterator([
      "encrypt", "sign", "verify", "exportKey", "wrapKey", "getPublicKey",
      "encapsulateBits", "encapsulateKey", "decapsulateBits", "decapsulateKey",
    ])
  ) {
    wrap(name, null);
  }

  const additions = {
    /** https://developers.cloudflare.com/workers/runtime-apis/web-crypto/#timingsafeequal */
    timingSafeEqual(left, right) {
      for (const value of new SafeArrayIterator([left, right])) {
        if (!ArrayBufferIsView(value) && !isAnyArrayBuffer(value)) {
          throw new TypeError("timingSafeEqual(): both arguments must be an ArrayBuffer or a view of one.");
        }
      }
      if (left.byteLength !== right.byteLength) {
        throw new TypeError("Input buffers must have the same byte length");
      }
      return op_eyot_timing_safe_equal(left, right);
    },
  };
  define(SubtleCrypto.prototype, "timingSafeEqual", additions.timingSafeEqual, 2);

  ObjectDefineProperty(Crypto.prototype, "DigestStream", {
    __proto__: null,
    get() {
      return core.loadExtScript("ext:eyot/digest_stream.js").DigestStream;
    },
    enumerable: true,
    configurable: true,
  });

  /** An interface object without the static methods of Deno's, which hand out what a key holds. */
  function interfaceOf(original, name) {
    const face = {
      [name]: function () {
        webidl.illegalConstructor();
      },
    }[name];
    ObjectDefineProperty(face, "prototype", { __proto__: null, value: original.prototype, writable: false });
    ObjectDefineProperty(original.prototype, "constructor", { __proto__: null, value: face });
    return face;
  }

  return {
    crypto,
    Crypto: interfaceOf(Crypto, "Crypto"),
    CryptoKey: interfaceOf(CryptoKey, "CryptoKey"),
    SubtleCrypto: interfaceOf(SubtleCrypto, "SubtleCrypto"),
  };
})()
