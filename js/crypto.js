// Crypto: Deno's WebCrypto within limits, and what Workers adds (https://developers.cloudflare.com/workers/runtime-apis/web-crypto/).
//
// Deno runs the work beside JavaScript, on threads whose CPU time is charged to the isolate. A call keeps its request
// open until it is done, so that somebody is there to be charged; what it may cost is in crypto_costs.js. Digests are
// made here, where they can be stopped. No randomness at the top level: a snapshot would give every isolate the same.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    JSONParse,
    ObjectCreate,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectPrototypeIsPrototypeOf,
    PromisePrototypeThen,
    ReflectApply,
    SafeArrayIterator,
    TypeError,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    Uint8Array,
  } = primordials;
  const { op_eyot_digest_finish, op_eyot_digest_new, op_eyot_timing_safe_equal } = core.ops;
  const { isAnyArrayBuffer } = core;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
  // Before anything of a key's can be replaced.
  const { methods } = core.loadExtScript("ext:eyot/crypto_host.js");
  const deno = core.loadExtScript("ext:deno_crypto/00_crypto.js");
  const { currentRun, hold, release, runOrRefuse } = core.loadExtScript("ext:eyot/dispatch.js");
  const { begin, checkCost, checkDerived, checkDocument, checkLength, checkOutput, checkSaltLength } = core.loadExtScript(
    "ext:eyot/crypto_costs.js",
  );
  const { checkUsagesOfAes, settled, settledJwk, settledUsages } = core.loadExtScript("ext:eyot/crypto_algorithms.js");
  // Loaded by the first method of `subtle` that looks: randomness alone needs none of it.
  const beside = () => core.loadExtScript("ext:eyot/crypto_beside.js");
  const { Crypto, CryptoKey, SubtleCrypto } = deno;
  const DOMExceptionPrototype = DOMException.prototype;

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

  /** Keeps the run that is under way open until the host has done this for it. */
  function holdUntil(promise) {
    const run = currentRun();
    if (run === undefined || run.over) return;
    hold(run);
    const settled = () => release(run);
    PromisePrototypeThen(promise, settled, settled);
  }

  // Where a method's arguments have algorithms, and what each is to be read as.
  const TAKES = {
    __proto__: null,
    decapsulateBits: [[0, "encapsulate"]],
    decapsulateKey: [[0, "encapsulate"], [3, "importKey"]],
    decrypt: [[0, "decrypt"]],
    deriveBits: [[0, "deriveBits"]],
    deriveKey: [[0, "deriveBits"], [2, "importKey"]],
    digest: [[0, "digest"]],
    encapsulateBits: [[0, "encapsulate"]],
    encapsulateKey: [[0, "encapsulate"], [2, "importKey"]],
    encrypt: [[0, "encrypt"]],
    generateKey: [[0, "generateKey"]],
    importKey: [[2, "importKey"]],
    sign: [[0, "sign"]],
    unwrapKey: [[3, "decrypt"], [4, "importKey"]],
    verify: [[0, "verify"]],
    wrapKey: [[3, "encrypt"]],
  };
  const TAKES_NONE = [];
  const TAKES_FORMAT = { __proto__: null, exportKey: true, importKey: true, unwrapKey: true, wrapKey: true };

  /**
   * Wraps a method of `subtle`: `guard` may change the arguments or answer in its place, `finish` change the answer,
   * `follow` the promise of it.
   */
  function wrap(name, guard, finish = undefined, follow = undefined) {
    const original = SubtleCrypto.prototype[name];
    const wrapped = {
      async [name](...args) {
        // Said once: what it is converted to is looked at here and by the host.
        if (TAKES_FORMAT[name] === true && args.length > 0) args[0] = webidl.converters.DOMString(args[0]);
        const takes = TAKES[name] ?? TAKES_NONE;
        for (let i = 0; i < takes.length; i++) {
          const at = takes[i][0];
          if (at < args.length) args[at] = settled(args[at], takes[i][1]);
        }
        let answered;
        try {
          if (guard !== null) answered = guard(this, args);
        } catch (error) {
          // What is wrong with the types is said at once, with the rest when the operation has begun.
          if (ObjectPrototypeIsPrototypeOf(DOMExceptionPrototype, error)) await undefined;
          throw error;
        }
        if (answered !== undefined) return answered;
        const ended = begin(name, args);
        let promise;
        try {
          promise = ReflectApply(original, hostsOwn(this), args);
        } catch (error) {
          ended();
          throw error;
        }
        // Not after `await`, whose promise a script can have settle early.
        PromisePrototypeThen(promise, ended, () => ended());
        if (follow !== undefined) promise = follow(promise, args);
        holdUntil(promise);
        const answer = await promise;
        return finish === undefined ? answer : finish(answer, args);
      },
    }[name];
    define(SubtleCrypto.prototype, name, wrapped, original.length);
  }

  function checkUsages(args, at) {
    if (at < args.length) args[at] = settledUsages(args[at], at);
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

  function derived(_subtle, args) {
    if (args[2] !== undefined && args[2] !== null) {
      args[2] = webidl.converters["unsigned long"](args[2], "SubtleCrypto", "Argument 3", { __proto__: null, enforceRange: true });
    }
    checkDerived(args[0], args[2]);
  }

  function derivedAsKey(_subtle, args) {
    checkDerived(args[0], args[2]?.length);
    checkUsages(args, 4);
  }

  function generated(_subtle, args) {
    checkCost(args[0], "modulusLength");
    checkUsages(args, 2);
    const name = beside().nameOf(args[0]);
    if (args.length > 2) checkUsagesOfAes(name, args[0], args[2]);
    checkLength(name, args[0]);
    // Found out before the primes are, but not before the exponent is looked at.
    if (args[0]?.modulusLength !== undefined && args[2]?.length === 0 && beside().isExponent(args[0].publicExponent)) {
      throw new DOMException(FOR_NOTHING, "SyntaxError");
    }
  }

  const FOR_NOTHING = "A secret or private key must be for something.";

  /** What was derived is a secret. */
  function derivedKey(key, args) {
    if (args[4].length === 0) throw new DOMException(FOR_NOTHING, "SyntaxError");
    return key;
  }

  const usagesAt = (at) => (_subtle, args) => checkUsages(args, at);

  /** Key material for derivation is never given back, which Deno does not check. */
  function imported(_subtle, args) {
    checkUsages(args, 4);
    const name = beside().nameOf(args[2]);
    if (args[0] === "jwk" && args.length > 4) {
      const given = args[1];
      args[1] = settledJwk(given);
      if (args[1] !== given) beside().checkJwk(name, args[1], args[4]);
    }
    checkDocument(name, args[1]);
    if ((name === "PBKDF2" || name === "HKDF") && args[3]) {
      throw new DOMException(`A ${name} key cannot be extractable.`, "SyntaxError");
    }
  }

  function unwrapped(target, args) {
    checkDocument(beside().nameOf(args[4]), args[1]);
    checkUsages(args, 6);
    beside().checkOpens(args[3], args[2]);
    if (target !== subtle || args.length < 7 || args[0] !== "jwk") return undefined;
    const answer = unwrapJwk(args);
    holdUntil(answer);
    return answer;
  }

  const { exportKey: hostsExportKey, unwrapKey: hostsUnwrapKey } = SubtleCrypto.prototype;
  const BYTES = { __proto__: null, name: "HMAC", hash: "SHA-1" };

  /**
   * A JSON web key is read here and not by the host, which looks for members on the script's own prototypes, more than once,
   * and panics when one is there and then is not.
   */
  async function unwrapJwk(args) {
    const ended = begin("decrypt", args);
    let promise;
    try {
      promise = ReflectApply(hostsUnwrapKey, deno.crypto.subtle, ["raw", args[1], args[2], args[3], BYTES, true, ["sign"]]);
    } finally {
      if (promise === undefined) ended();
    }
    PromisePrototypeThen(promise, ended, ended);
    const bytes = await ReflectApply(hostsExportKey, deno.crypto.subtle, ["raw", await promise]);
    let jwk;
    try {
      jwk = JSONParse(core.decode(new Uint8Array(bytes)));
    } catch {
      // What is none is no object either.
    }
    if (typeof jwk !== "object" || jwk === null) throw new DOMException("The key is no JSON web key.", "DataError");
    return await ReflectApply(importKey, subtle, ["jwk", jwk, args[4], args[5], args[6]]);
  }

  const DIGESTS = { __proto__: null, MD5: true, "SHA-1": true, "SHA-256": true, "SHA-384": true, "SHA-512": true };

  function hashed(subtle, args) {
    checkOutput(args[0]);
    const name = args.length < 2 ? undefined : beside().nameOf(args[0]);
    if (DIGESTS[name] !== true) return undefined;
    webidl.assertBranded(subtle, SubtleCrypto.prototype);
    const data = webidl.converters.BufferSource(args[1], "Failed to execute 'digest' on 'SubtleCrypto'", "Argument 2");
    const digest = op_eyot_digest_new(name);
    core.loadExtScript("ext:eyot/digests.js").update(digest, beside().bytesOf(data));
    return TypedArrayPrototypeGetBuffer(op_eyot_digest_finish(digest));
  }

  /** What is answered beside Deno keeps the run open like the rest. */
  const besides = (answer) => (target, args) => {
    const answered = target === subtle ? answer(args) : undefined;
    if (answered !== undefined) holdUntil(answered);
    return answered;
  };

  /** The host says with a type error that only whole blocks of eight bytes can be wrapped. */
  function wrapped(promise, args) {
    return PromisePrototypeThen(promise, undefined, (error) => {
      if (beside().nameOf(args[3]) === "AES-KW" && error?.message === "Data must be multiple of 8 bytes") {
        throw new DOMException(error.message, "OperationError");
      }
      throw error;
    });
  }

  function checkSigned(algorithm) {
    checkSaltLength(algorithm);
    checkOutput(algorithm);
  }

  const ofKey = (key, args) => beside().checkImported(key, args[0], args[1]);

  wrap("digest", hashed);
  wrap("decrypt", besides((args) => (beside().checkOpens(args[0], args[1]), beside().cipher("decrypt", args))));
  wrap("encrypt", besides((args) => beside().cipher("encrypt", args)));
  wrap("sign", besides((args) => (checkSigned(args[0]), beside().signed(args))));
  wrap("verify", besides((args) => (checkSigned(args[0]), beside().verified(args))));
  wrap("deriveBits", derived, trimmed);
  wrap("deriveKey", derivedAsKey, derivedKey);
  wrap("generateKey", generated);
  wrap("importKey", imported, ofKey);
  const { importKey } = SubtleCrypto.prototype;
  for (const name of new SafeArrayIterator(["decrypt", "digest", "encrypt", "sign", "verify"])) {
    methods[name] = SubtleCrypto.prototype[name];
  }
  wrap(
    "exportKey",
    (_subtle, args) => beside().checkExported(args[1]),
    (answer, args) => args[0] === "jwk" ? beside().exportedJwk(answer) : answer,
  );
  // What was unwrapped is not seen here.
  wrap("unwrapKey", unwrapped, (key) => ofKey(key, ["raw"]));
  wrap("wrapKey", null, undefined, wrapped);
  wrap("getPublicKey", usagesAt(1));
  wrap("encapsulateBits", null);
  wrap("encapsulateKey", usagesAt(4), derivedKey);
  wrap("decapsulateBits", null);
  wrap("decapsulateKey", usagesAt(5));

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

  const face = interfaceOf(SubtleCrypto, "SubtleCrypto");
  const supporting = {
    /** https://wicg.github.io/webcrypto-modern-algos/#SubtleCrypto-method-supports */
    supports(operation, algorithm, lengthOrAlgorithm = undefined) {
      webidl.requiredArguments(arguments.length, 2, "Failed to execute 'supports' on 'SubtleCrypto'");
      operation = `${operation}`;
      const takes = TAKES[operation];
      const first = settled(algorithm, takes === undefined ? "importKey" : takes[0][1], true);
      const second = settledSecond(lengthOrAlgorithm);
      return first !== null && second !== null && SubtleCrypto.supports(operation, first, second);
    },
  };
  define(face, "supports", supporting.supports, 2);

  function settledSecond(value) {
    return value === undefined || typeof value === "number" ? value : settled(value, "importKey", true);
  }

  return {
    crypto,
    Crypto: interfaceOf(Crypto, "Crypto"),
    CryptoKey: interfaceOf(CryptoKey, "CryptoKey"),
    SubtleCrypto: face,
  };
})()
