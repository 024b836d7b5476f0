// Beside Deno's WebCrypto: what its host part refuses or lets through, done with the operations of node:crypto.
//
// - AES-GCM with initialization vectors and tags of any length, AES-CTR with counters of any length
//   (https://w3c.github.io/webcrypto/#aes-gcm, #aes-ctr);
// - ECDSA of digests that are shorter than half of the curve's numbers;
// - imported keys of curves: the point is on its curve, and is that of the private number beside it.
//
// Keys and usages are checked by Deno, on a message of nothing. What is done here is done on the script's own time.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeIndexOf,
    BigInt,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    MathMin,
    Number,
    ObjectDefineProperty,
    ReflectApply,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetSymbolToStringTag,
    TypedArrayPrototypeSet,
    TypedArrayPrototypeSlice,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_cipher_aad, op_eyot_cipher_apply, op_eyot_cipher_new, op_eyot_cipher_tag, op_eyot_ecdh_point, op_eyot_key_der,
    op_eyot_key_private, op_eyot_key_public, op_eyot_key_public_of, op_eyot_key_sign, op_eyot_key_verify,
    op_eyot_timing_safe_equal,
  } = core.ops;
  const { isAnyArrayBuffer } = core;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
  const { begin, checkDocument, checkModulus, sizeOf } = core.loadExtScript("ext:eyot/crypto_costs.js");
  const { capitals, settled, settledUsages } = core.loadExtScript("ext:eyot/crypto_algorithms.js");
  const deno = core.loadExtScript("ext:deno_crypto/00_crypto.js");
  const { algorithmOf, extractableOf, isKey, methods, typeOf, usagesOf } = core.loadExtScript("ext:eyot/crypto_host.js");
  const { decrypt, digest, encrypt, sign, verify } = methods;

  const BLOCK = 16;
  // One op does not work on more: between ops a CPU budget that has run out ends the script.
  const PIECE_BYTES = 1 << 18;
  const MODE_CTR = 2;
  const MODE_GCM = 3;

  const failed = (message) => new DOMException(message, "OperationError");
  const unsound = (message) => new DOMException(message, "DataError");
  const ofDeno = (method, ...args) => ReflectApply(method, deno.crypto.subtle, args);
  const material = (key) => deno.cryptoKeyExportNodeKeyMaterial(key).data;

  function bytesOf(source) {
    // A buffer that was taken away has no bytes.
    if (sizeOf(source) === 0) return new Uint8Array();
    if (isAnyArrayBuffer(source)) return new Uint8Array(source);
    return TypedArrayPrototypeGetSymbolToStringTag(source) === undefined
      ? new Uint8Array(DataViewPrototypeGetBuffer(source), DataViewPrototypeGetByteOffset(source), DataViewPrototypeGetByteLength(source))
      : new Uint8Array(
        TypedArrayPrototypeGetBuffer(source),
        TypedArrayPrototypeGetByteOffset(source),
        TypedArrayPrototypeGetByteLength(source),
      );
  }

  /** A copy of a caller's bytes, as they are now. */
  const copied = (value, name) => TypedArrayPrototypeSlice(bytesOf(webidl.converters.BufferSource(value, "SubtleCrypto", name)));

  function nameOf(algorithm) {
    const name = typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm;
    return typeof name === "string" ? capitals(name) : undefined;
  }

  const OPENS = {
    __proto__: null, "AES-CBC": true, "AES-CTR": true, "AES-GCM": true, "AES-KW": true, "AES-OCB": true, "CHACHA20-POLY1305": true,
    "RSA-OAEP": true,
  };

  /** Before anything is opened: Deno finds another algorithm's key only when it has tried. What is no key it finds itself. */
  function checkOpens(algorithm, key) {
    const name = nameOf(algorithm);
    if (OPENS[name] !== true || !isKey(key)) return;
    if (capitals(algorithmOf(key).name) !== name) {
      throw new DOMException("The key is not one of this algorithm.", "InvalidAccessError");
    }
  }

  function apply(stream, input) {
    const output = new Uint8Array(input.length);
    for (let at = 0; at < input.length; at += PIECE_BYTES) {
      const end = MathMin(at + PIECE_BYTES, input.length);
      op_eyot_cipher_apply(stream, TypedArrayPrototypeSubarray(input, at, end), TypedArrayPrototypeSubarray(output, at, end));
    }
    return output;
  }

  function joined(left, right) {
    const both = new Uint8Array(left.length + right.length);
    TypedArrayPrototypeSet(both, left, 0);
    TypedArrayPrototypeSet(both, right, left.length);
    return both;
  }

  /** What `encrypt` or `decrypt` is to answer in Deno's place; none where Deno can. */
  function cipher(method, args) {
    if (args.length < 3) return undefined;
    const name = nameOf(args[0]);
    if (name === "AES-GCM") return gcm(method, args);
    return name === "AES-CTR" ? ctr(method, args) : undefined;
  }

  const SHORT_TAGS = { __proto__: null, 32: true, 64: true, 96: true, 104: true, 112: true, 120: true };

  function gcm(method, args) {
    const { iv, additionalData, tagLength = 128 } = args[0];
    if (iv === undefined) return undefined;
    const length = bytesOf(webidl.converters.BufferSource(iv, "SubtleCrypto", "iv")).length;
    const plain = length === 12 || length === 16;
    if (plain && (method === "encrypt" || SHORT_TAGS[tagLength] !== true)) return undefined;
    if (length === 0) throw failed("The initialization vector is empty.");
    if (tagLength !== 128 && SHORT_TAGS[tagLength] !== true) throw failed(`Invalid tag length: ${tagLength}`);
    const aad = additionalData === undefined ? new Uint8Array() : copied(additionalData, "additionalData");
    return gcmOf(method === "decrypt", args[1], copied(iv, "iv"), aad, tagLength / 8, copied(args[2], "data"));
  }

  async function gcmOf(opening, key, iv, aad, tagBytes, data) {
    await checkKey(opening, key, { __proto__: null, name: "AES-GCM", iv: new Uint8Array(12) });
    const stream = op_eyot_cipher_new(MODE_GCM, material(key), iv, opening);
    op_eyot_cipher_aad(stream, aad);
    if (!opening) {
      const sealed = apply(stream, data);
      return TypedArrayPrototypeGetBuffer(joined(sealed, TypedArrayPrototypeSubarray(op_eyot_cipher_tag(stream), 0, tagBytes)));
    }
    const size = data.length - tagBytes;
    if (size < 0) throw failed("Decryption failed.");
    const opened = apply(stream, TypedArrayPrototypeSubarray(data, 0, size));
    const tag = TypedArrayPrototypeSlice(op_eyot_cipher_tag(stream), 0, tagBytes);
    if (!op_eyot_timing_safe_equal(tag, TypedArrayPrototypeSlice(data, size))) throw failed("Decryption failed.");
    return TypedArrayPrototypeGetBuffer(opened);
  }

  /** What Deno says of the key; that an empty message is not genuine is all it may find. */
  async function checkKey(opening, key, params) {
    if (!opening) return void await ofDeno(encrypt, params, key, new Uint8Array());
    try {
      await ofDeno(decrypt, params, key, new Uint8Array(BLOCK));
    } catch (error) {
      if (error?.name !== "OperationError") throw error;
    }
  }

  function ctr(method, args) {
    const { counter, length } = args[0];
    if (counter === undefined || length === undefined || length === 0 || length > 128) return undefined;
    if (length === 32 || length === 64 || length === 128) return undefined;
    const first = copied(counter, "counter");
    if (first.length !== BLOCK) return undefined;
    return ctrOf(method === "decrypt", args[1], first, length, copied(args[2], "data"));
  }

  async function ctrOf(opening, key, counter, length, data) {
    await checkKey(opening, key, { __proto__: null, name: "AES-CTR", counter: new Uint8Array(BLOCK), length: 128 });
    let number = 0n;
    for (let i = 0; i < BLOCK; i++) number = number << 8n | BigInt(counter[i]);
    const turn = 1n << BigInt(length);
    const blocks = BigInt(data.length + BLOCK - 1) / BigInt(BLOCK);
    if (blocks > turn) throw failed("The counter is too short for this message.");
    // The counter's own bits turn over; those before them stay.
    const left = turn - number % turn;
    const until = blocks > left ? Number(left) * BLOCK : data.length;
    const secret = material(key);
    const head = apply(op_eyot_cipher_new(MODE_CTR, secret, counter, opening), TypedArrayPrototypeSubarray(data, 0, until));
    if (until === data.length) return TypedArrayPrototypeGetBuffer(head);
    let rest = number - number % turn;
    for (let i = BLOCK - 1; i >= 0; i--, rest >>= 8n) counter[i] = Number(rest & 255n);
    const tail = apply(op_eyot_cipher_new(MODE_CTR, secret, counter, opening), TypedArrayPrototypeSubarray(data, until));
    return TypedArrayPrototypeGetBuffer(joined(head, tail));
  }

  // The digests that are shorter than half of a number of the curve.
  const SHORT_DIGESTS = {
    __proto__: null,
    "P-384": { __proto__: null, "SHA-1": true },
    "P-521": { __proto__: null, "SHA-1": true, "SHA-256": true },
  };
  const POINT_OF_TWO_NUMBERS = 1;

  /** The hash and the key's curve where Deno's ECDSA refuses them. */
  function shortDigest(args, count) {
    if (args.length < count || nameOf(args[0]) !== "ECDSA") return undefined;
    const hash = nameOf(args[0].hash);
    const curve = isKey(args[1]) ? algorithmOf(args[1]).namedCurve : undefined;
    return typeof curve === "string" && SHORT_DIGESTS[curve]?.[hash] === true ? hash : undefined;
  }

  const LONG = { __proto__: null, name: "ECDSA", hash: "SHA-512" };

  function signed(args) {
    const hash = shortDigest(args, 3);
    return hash === undefined ? undefined : signShort(hash, args[1], copied(args[2], "data"));
  }

  async function signShort(hash, key, data) {
    await ofDeno(sign, LONG, key, new Uint8Array());
    const hashed = new Uint8Array(await ofDeno(digest, hash, data));
    const kept = op_eyot_key_private(material(key), "der", "pkcs8");
    return TypedArrayPrototypeGetBuffer(op_eyot_key_sign(kept, hashed, "", 0, 0, POINT_OF_TWO_NUMBERS));
  }

  function verified(args) {
    const hash = shortDigest(args, 4);
    return hash === undefined ? undefined : verifyShort(hash, args[1], copied(args[2], "signature"), copied(args[3], "data"));
  }

  async function verifyShort(hash, key, signature, data) {
    await ofDeno(verify, LONG, key, signature, new Uint8Array());
    const hashed = new Uint8Array(await ofDeno(digest, hash, data));
    const kept = op_eyot_key_public(material(key), "der", "spki");
    return op_eyot_key_verify(kept, hashed, "", signature, 0, 0, POINT_OF_TWO_NUMBERS);
  }

  // Bytes of an uncompressed point, and the names that node:crypto has for curves.
  const POINTS = {
    __proto__: null,
    "P-256": { bytes: 65, curve: "prime256v1" },
    "P-384": { bytes: 97, curve: "secp384r1" },
    "P-521": { bytes: 133, curve: "secp521r1" },
  };
  const SPKI_25519_BYTES = 44;
  const OF_25519 = { __proto__: null, Ed25519: true, X25519: true };

  /** https://www.rfc-editor.org/rfc/rfc7517#section-4.3 */
  function checkOnce(operations) {
    for (let i = 1; i < (operations?.length ?? 0); i++) {
      if (ArrayPrototypeIndexOf(operations, operations[i]) < i) throw unsound(`"${operations[i]}" is there twice.`);
    }
  }

  const NOTHING = { __proto__: null };
  const DERIVES = { __proto__: null, deriveBits: true, deriveKey: true };
  // What keys are for: private ones, and public ones.
  const USAGES_OF_OKP = {
    __proto__: null,
    ED25519: [{ __proto__: null, sign: true }, { __proto__: null, verify: true }],
    X25519: [DERIVES, NOTHING],
    X448: [DERIVES, NOTHING],
  };

  /** Usages before what a JSON web key says itself, which Deno looks at first; and that it has its public half, too. */
  function checkJwk(name, jwk, usages) {
    const allowed = USAGES_OF_OKP[name]?.[jwk.d === undefined ? 1 : 0];
    if (allowed === undefined) return;
    for (let i = 0; i < usages.length; i++) {
      if (allowed[usages[i]] !== true) throw new DOMException(`This key is not for "${usages[i]}".`, "SyntaxError");
    }
    if (jwk.x === undefined) throw unsound('"x" is missing.');
  }

  /** What is kept for derivation alone is in no format. */
  function checkExported(key) {
    if (!isKey(key)) return;
    const { name } = algorithmOf(key);
    if (name === "HKDF" || name === "PBKDF2") throw new DOMException(`${name} keys are not exported.`, "NotSupportedError");
  }

  /** What is to be checked of a key of numbers once Deno has imported it. */
  function checkImported(key, format, data) {
    const algorithm = algorithmOf(key);
    checkModulus(algorithm);
    if (format === "jwk") checkOnce(data.key_ops);
    const ec = POINTS[algorithm.namedCurve];
    if (ec === undefined && OF_25519[algorithm.name] !== true) return key;
    const isPublic = typeOf(key) === "public";
    if (isPublic) checkPoint(sound(key), ec);
    if (format !== "jwk") return key;
    if (ec !== undefined && data.crv !== algorithm.namedCurve) throw unsound("The curves differ.");
    if (algorithm.name === "Ed25519" && data.alg !== undefined && data.alg !== "Ed25519" && data.alg !== "EdDSA") {
      throw unsound(`"${data.alg}" is not the algorithm of this key.`);
    }
    if (!isPublic) checkPair(key, algorithm, ec, data);
    return key;
  }

  const FORMATS = { __proto__: null, private: "pkcs8", public: "spki", secret: "raw" };

  const OF_SEEDS = {
    __proto__: null, "ML-DSA-44": true, "ML-DSA-65": true, "ML-DSA-87": true, "ML-KEM-512": true, "ML-KEM-768": true,
    "ML-KEM-1024": true,
  };

  /** Another key of the same. Nothing of a key ever changes: one that the host gives no document of stands for itself. */
  function cloned({ key }) {
    if (OF_SEEDS[algorithmOf(key).name] === true) return key;
    const data = material(key);
    const ended = begin("importKey", [data]);
    let clone;
    try {
      const algorithm = settled(algorithmOf(key), "importKey");
      clone = deno.importCryptoKeySync(
        FORMATS[typeOf(key)], data, algorithm, extractableOf(key), settledUsages(usagesOf(key), 0),
      );
    } finally {
      ended(clone);
    }
    return clone;
  }

  /** Whether RSA keys are made with this exponent: 3 or 65537. */
  function isExponent(value) {
    if (value === undefined) return false;
    const bytes = bytesOf(webidl.converters.BufferSource(value, "SubtleCrypto", "publicExponent"));
    let number = 0;
    for (let i = 0; i < bytes.length && number <= 65537; i++) number = number * 256 + bytes[i];
    return number === 3 || number === 65537;
  }

  /** The document of a key that may not be one of its curve. */
  function sound(key) {
    try {
      return material(key);
    } catch {
      throw unsound("The point is not on the curve.");
    }
  }

  function checkPoint(spki, ec) {
    if (ec === undefined) {
      if (spki.length !== SPKI_25519_BYTES) throw unsound("A public key of this curve has 32 bytes.");
      return;
    }
    try {
      op_eyot_ecdh_point(ec.curve, TypedArrayPrototypeSubarray(spki, spki.length - ec.bytes), false);
    } catch {
      throw unsound("The point is not on the curve.");
    }
  }

  function checkPair(key, algorithm, ec, { kty, crv, x, y }) {
    const half = { __proto__: null, kty, crv, x };
    if (y !== undefined) half.y = y;
    const given = sound(deno.importCryptoKeySync("jwk", half, algorithm, true, []));
    checkPoint(given, ec);
    let derived;
    try {
      derived = op_eyot_key_der(op_eyot_key_public_of(op_eyot_key_private(material(key), "der", "pkcs8")), "spki");
    } catch {
      throw unsound("The private key is not one of its curve.");
    }
    const bytes = ec === undefined ? 32 : ec.bytes;
    const point = (spki) => TypedArrayPrototypeSlice(spki, spki.length - bytes);
    if (!op_eyot_timing_safe_equal(point(given), point(derived))) throw unsound("The public key is not that of the private one.");
  }

  /** A JSON web key says what it is for as the standard has it: with curves the algorithm follows from the key. */
  function exportedJwk(jwk) {
    if (jwk?.kty === "EC") delete jwk.alg;
    if (jwk?.kty === "OKP" && jwk.crv === "Ed25519") {
      ObjectDefineProperty(jwk, "alg", { __proto__: null, value: "Ed25519", writable: true, enumerable: true, configurable: true });
    }
    return jwk;
  }

  return {
    bytesOf, checkExported, checkImported, checkJwk, checkOpens, cipher, cloned, exportedJwk, isExponent, nameOf, signed, verified,
  };
})()
