// Algorithms of WebCrypto, read: https://w3c.github.io/webcrypto/#algorithm-normalization
//
// A caller's dictionary is read once, here, and what was read is what Deno is given: plain objects, so that no getter of a
// script's runs while the host works, and what was checked is what is used. Which members there are depends on the method;
// what they mean is for Deno to check. Only algorithms of Workers and of WebCrypto's modern ones (https://wicg.github.io/webcrypto-modern-algos/)
// get that far: those that Deno has besides, Argon2 and SLH-DSA, are not held to any limit.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayPrototypeIncludes,
    ArrayPrototypePush,
    Number,
    StringPrototypeCharCodeAt,
    StringPrototypeToUpperCase,
    TypeError,
  } = primordials;
  const { isAnyArrayBuffer } = core;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

  const HASHES = {
    __proto__: null, "SHA-1": true, "SHA-256": true, "SHA-384": true, "SHA-512": true,
    "SHA3-256": true, "SHA3-384": true, "SHA3-512": true,
  };
  const KNOWN = {
    __proto__: null, ...HASHES, MD5: true,
    "AES-CBC": true, "AES-CTR": true, "AES-GCM": true, "AES-KW": true, ECDH: true, ECDSA: true, ED25519: true, HKDF: true,
    HMAC: true, PBKDF2: true, "RSA-OAEP": true, "RSA-PSS": true, "RSASSA-PKCS1-V1_5": true, X25519: true,
    "AES-OCB": true, "CHACHA20-POLY1305": true, CSHAKE128: true, CSHAKE256: true, KMAC128: true, KMAC256: true, KT128: true,
    KT256: true, "ML-DSA-44": true, "ML-DSA-65": true, "ML-DSA-87": true, "ML-KEM-512": true, "ML-KEM-768": true,
    "ML-KEM-1024": true, TURBOSHAKE128: true, TURBOSHAKE256: true, X448: true,
  };

  // Members by method, in the order in which Web IDL reads a dictionary; `name` is before all of them.
  const CIPHER = ["additionalData", "counter", "iv", "label", "length", "tagLength"];
  const DERIVATION = ["hash", "info", "iterations", "public", "salt"];
  const IMPORT = ["hash", "length", "namedCurve"];
  const SIGNATURE = ["context", "customization", "hash", "length", "outputLength", "saltLength"];
  const MEMBERS = {
    __proto__: null,
    decrypt: CIPHER,
    deriveBits: DERIVATION,
    deriveKey: DERIVATION,
    digest: ["customization", "domainSeparation", "functionName", "outputLength"],
    encapsulate: [],
    encrypt: CIPHER,
    generateKey: ["hash", "length", "modulusLength", "namedCurve", "publicExponent"],
    importKey: IMPORT,
    sign: SIGNATURE,
    verify: SIGNATURE,
  };
  const NUMBERS = {
    __proto__: null,
    domainSeparation: true, iterations: true, length: true, modulusLength: true, outputLength: true, saltLength: true,
    tagLength: true,
  };
  // Of ciphers these are octets, which Deno takes for wider numbers.
  const OCTETS = { __proto__: null, length: true, tagLength: true };
  const ENFORCED = { __proto__: null, enforceRange: true };

  /** Names differ in the letters of ASCII alone: other letters have those for capitals, too. */
  function capitals(name) {
    for (let i = 0; i < name.length; i++) {
      if (StringPrototypeCharCodeAt(name, i) > 127) return name;
    }
    return StringPrototypeToUpperCase(name);
  }

  const isObject = (value) => value !== null && (typeof value === "object" || typeof value === "function");

  function unknown(name, known, isAsked) {
    if (known[capitals(name)] === true) return false;
    if (isAsked) return true;
    throw new DOMException("Unrecognized or unimplemented algorithm.", "NotSupportedError");
  }

  /**
   * The algorithm that `method` is to use, as an object without getters; a name stays one. Of one that there is not null
   * when it `isAsked` whether there is.
   */
  function settled(algorithm, method, isAsked = false) {
    if (!isObject(algorithm)) {
      const name = webidl.converters.DOMString(algorithm, "Algorithm", "name");
      if (capitals(name) === NODE_ED25519) {
        if (isOfKeys(method) && !isAsked) checkNodeCurve(undefined);
        return ED25519;
      }
      if (unknown(name, KNOWN, isAsked)) return null;
      if (!isAsked && method === "importKey") checkNeeded(name, undefined);
      return name;
    }
    const result = { __proto__: null };
    const name = algorithm.name;
    if (name === undefined) {
      if (isAsked) return null;
      throw new TypeError("An algorithm has a name.");
    }
    result.name = webidl.converters.DOMString(name, "Algorithm", "name");
    const isNodes = capitals(result.name) === NODE_ED25519;
    if (isNodes) result.name = ED25519;
    if (unknown(result.name, KNOWN, isAsked)) return null;
    const members = MEMBERS[method];
    for (let i = 0; i < members.length; i++) {
      const member = members[i];
      let value = algorithm[member];
      if (value === undefined) continue;
      if (members === CIPHER && OCTETS[member] === true) {
        value = webidl.converters.octet(value, "Algorithm", member, ENFORCED);
      } else if (member === "hash") {
        value = settledHash(value);
      } else if (isObject(value)) {
        if (NUMBERS[member] === true) value = Number(value);
        else if (member === "namedCurve") value = webidl.converters.DOMString(value, "Algorithm", member);
      }
      result[member] = value;
    }
    if (isNodes && isOfKeys(method) && !isAsked) checkNodeCurve(result.namedCurve);
    if (!isAsked && method === "importKey") checkNeeded(result.name, result);
    return result;
  }

  // What Workers called it before WebCrypto had it; what verifies the signatures of chats still does.
  const NODE_ED25519 = "NODE-ED25519";
  const ED25519 = "Ed25519";
  const isOfKeys = (method) => method === "importKey" || method === "generateKey";

  function checkNodeCurve(curve) {
    if (curve === undefined) throw new TypeError(`${NODE_ED25519} has a "namedCurve".`);
    if (curve !== NODE_ED25519) throw new DOMException(`The curve of ${NODE_ED25519} has the same name.`, "NotSupportedError");
  }

  // Members without which a key is not read at all.
  const NEEDED = {
    __proto__: null, ECDH: "namedCurve", ECDSA: "namedCurve", HMAC: "hash", "RSA-OAEP": "hash", "RSA-PSS": "hash",
    "RSASSA-PKCS1-V1_5": "hash",
  };

  function checkNeeded(name, algorithm) {
    const member = NEEDED[capitals(name)];
    if (member !== undefined && algorithm?.[member] === undefined) throw new TypeError(`${name} has a "${member}".`);
  }

  function settledHash(hash) {
    const isNamed = isObject(hash);
    const given = isNamed ? hash.name : hash;
    if (given === undefined) throw new TypeError("A hash algorithm has a name.");
    const name = webidl.converters.DOMString(given, "Algorithm", "hash");
    unknown(name, HASHES, false);
    return isNamed ? { __proto__: null, name } : name;
  }

  const JWK_TEXTS = ["kty", "use", "alg", "crv", "d", "dp", "dq", "e", "k", "n", "p", "q", "qi", "x", "y", "pub", "priv"];

  /** A JSON web key as an object without getters; what is none stays what it is. */
  function settledJwk(jwk) {
    if (!isObject(jwk) || ArrayBufferIsView(jwk) || isAnyArrayBuffer(jwk)) return jwk;
    const result = { __proto__: null };
    for (let i = 0; i < JWK_TEXTS.length; i++) {
      const value = jwk[JWK_TEXTS[i]];
      if (value !== undefined) result[JWK_TEXTS[i]] = webidl.converters.DOMString(value, "JsonWebKey", JWK_TEXTS[i]);
    }
    const { ext, key_ops, oth } = jwk;
    if (ext !== undefined) result.ext = !!ext;
    if (key_ops !== undefined) result.key_ops = webidl.converters["sequence<DOMString>"](key_ops, "JsonWebKey", "key_ops");
    // That there is one is all that is asked.
    if (oth !== undefined) result.oth = `${typeof oth}`;
    return result;
  }

  const USAGES = [
    "encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey",
    "encapsulateKey", "encapsulateBits", "decapsulateKey", "decapsulateBits",
  ];

  /** Each usage once; words that are none are a type error before anything else is looked at. */
  function settledUsages(value, at) {
    const given = webidl.converters["sequence<DOMString>"](value, "SubtleCrypto", `Argument ${at + 1}`);
    const usages = [];
    for (let i = 0; i < given.length; i++) {
      if (!ArrayPrototypeIncludes(USAGES, given[i])) throw new TypeError(`"${given[i]}" is not a key usage.`);
      if (!ArrayPrototypeIncludes(usages, given[i])) ArrayPrototypePush(usages, given[i]);
    }
    return usages;
  }

  const USAGES_OF_CIPHERS = { __proto__: null, encrypt: true, decrypt: true, wrapKey: true, unwrapKey: true };

  // What a key of these can be for is looked at before how long it is to be.
  const USAGES_OF_AES = {
    __proto__: null,
    "AES-CBC": USAGES_OF_CIPHERS,
    "AES-CTR": USAGES_OF_CIPHERS,
    "AES-GCM": USAGES_OF_CIPHERS,
    "AES-OCB": USAGES_OF_CIPHERS,
    "AES-KW": { __proto__: null, wrapKey: true, unwrapKey: true },
  };

  function checkUsagesOfAes(name, algorithm, usages) {
    const allowed = USAGES_OF_AES[name];
    if (allowed === undefined || typeof algorithm.length !== "number") return;
    for (let i = 0; i < usages.length; i++) {
      if (allowed[usages[i]] !== true) {
        throw new DOMException(`A key of this algorithm is not for "${usages[i]}".`, "SyntaxError");
      }
    }
  }

  return { capitals, checkUsagesOfAes, settled, settledJwk, settledUsages };
})()
