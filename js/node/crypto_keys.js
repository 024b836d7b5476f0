// Asymmetric keys as the crypto part of Deno's files drives them: handles with a private field, documents, signatures,
// agreement, and primes, which are looked for in a loop here so that a CPU budget that runs out can end it.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayPrototypeIndexOf,
    ArrayPrototypePush,
    BigInt,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    Error,
    MathCeil,
    MathMax,
    MathMin,
    RangeError,
    StringPrototypeReplace,
    StringPrototypeToLowerCase,
    TypeError,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeGetSymbolToStringTag,
    TypedArrayPrototypeSet,
    TypedArrayPrototypeSlice,
    Uint8Array,
  } = primordials;
  const {
    op_base64url_decode,
    op_eyot_ecdh_point,
    op_eyot_ecdh_private,
    op_eyot_ecdh_public,
    op_eyot_ecdh_secret,
    op_eyot_key_agree,
    op_eyot_key_der,
    op_eyot_key_ec_jwk,
    op_eyot_key_equals,
    op_eyot_key_facts,
    op_eyot_key_generate,
    op_eyot_key_jwk,
    op_eyot_key_private,
    op_eyot_key_public,
    op_eyot_key_public_of,
    op_eyot_key_raw,
    op_eyot_key_rsa,
    op_eyot_key_rsa_apply,
    op_eyot_key_rsa_of_primes,
    op_eyot_key_sign,
    op_eyot_key_sign_message,
    op_eyot_key_verify,
    op_eyot_key_verify_message,
    op_eyot_number_candidate,
    op_eyot_number_power,
    op_eyot_number_test,
  } = core.ops;

  const { pem } = core.loadExtScript("ext:eyot_node/der.js");
  const { SEALED, opened, sealOld, sealPkcs8 } = core.loadExtScript("ext:eyot_node/crypto_sealed_keys.js");

  const MODULUS_BITS_MIN = 1024;
  const MODULUS_BITS_MAX = 4096;
  const EXPONENT_BYTES_MAX = 64;
  const SALT_NOT_GIVEN = -1000;
  const OAEP_HASHES = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

  /** Any view, or a buffer, as the bytes it stands for: real lengths, whatever a script has put on the object. */
  function bytes(value) {
    if (typeof value === "string") return core.encode(value);
    if (!ArrayBufferIsView(value)) return new Uint8Array(value);
    return TypedArrayPrototypeGetSymbolToStringTag(value) === undefined
      ? new Uint8Array(DataViewPrototypeGetBuffer(value), DataViewPrototypeGetByteOffset(value), DataViewPrototypeGetByteLength(value))
      : new Uint8Array(TypedArrayPrototypeGetBuffer(value), TypedArrayPrototypeGetByteOffset(value), TypedArrayPrototypeGetByteLength(value));
  }

  class AsymmetricKey {
    #key;
    #facts;

    constructor(key) {
      this.#key = key;
    }

    static is(handle) {
      return typeof handle === "object" && handle !== null && #key in handle;
    }

    static key(handle) {
      return handle.#key;
    }

    static facts(handle) {
      return handle.#facts ??= op_eyot_key_facts(handle.#key);
    }
  }
  const { facts, is, key } = AsymmetricKey;
  for (const name of ["facts", "is", "key"]) delete AsymmetricKey[name];

  /** No keys where there is no randomness: those of a snapshot would be everybody's. */
  function demandRandomness() {
    core.loadExtScript("ext:eyot/crypto.js").crypto.getRandomValues(new Uint8Array(1));
  }

  function digestName(name) {
    return StringPrototypeReplace(StringPrototypeToLowerCase(`${name}`), /^rsa-/, "");
  }

  const PRIVATE_LABELS = { __proto__: null, pkcs8: "PRIVATE KEY", pkcs1: "RSA PRIVATE KEY", sec1: "EC PRIVATE KEY" };

  /** The document of a private key; under a password where a cipher is named. */
  function privateDer(handle, type, cipher, password) {
    const document = op_eyot_key_der(key(handle), type ?? "pkcs8");
    return cipher === null || cipher === undefined ? document : sealPkcs8(document, cipher, bytes(password));
  }

  function privatePem(handle, type, cipher, password) {
    const document = op_eyot_key_der(key(handle), type);
    const label = PRIVATE_LABELS[type];
    if (cipher === null || cipher === undefined) return pem(label, document);
    if (type !== "pkcs8") return sealOld(document, label, cipher, bytes(password));
    return pem(SEALED, sealPkcs8(document, cipher, bytes(password)));
  }

  /** Reads a key whose document may be under a password; what is read from an opened one is a private key. */
  function readKey(read, data, format, type, password) {
    const given = bytes(data);
    const from = opened(given, format, type, password === undefined || password === null ? undefined : bytes(password));
    if (from.data === given) return new AsymmetricKey(read(given, format, type));
    const made = op_eyot_key_private(from.data, from.format, from.type);
    return new AsymmetricKey(read === op_eyot_key_private ? made : op_eyot_key_public_of(made));
  }

  function details(handle) {
    const { algorithm, modulusLength, namedCurve, publicExponent } = facts(handle);
    if (algorithm === "ec") return { namedCurve };
    return algorithm === "rsa" ? { modulusLength, publicExponent: BigInt(publicExponent) } : {};
  }

  /** The key that RSA encryption is given as a document. */
  function documentKey(document, isPrivate) {
    const data = bytes(document);
    const read = isPrivate ? op_eyot_key_private : op_eyot_key_public;
    let at = 0;
    while (at < data.length && data[at] <= 32) at++;
    if (data[at] === 45) return read(data, "pem", "");
    const types = isPrivate ? ["pkcs8", "pkcs1"] : ["spki", "pkcs1"];
    try {
      return read(data, "der", types[0]);
    } catch {
      return read(data, "der", types[1]);
    }
  }

  const rsa = (operation, isPrivate) => (document, message, padding, hash, label) =>
    op_eyot_key_rsa_apply(documentKey(document, isPrivate), operation, padding, hash ?? "sha1",
      label === undefined ? null : core.decode(bytes(label)), bytes(message));

  // Rounds after which a composite number is as unlikely as FIPS 186-5, table B.1, asks for numbers that were drawn, and
  // for one that somebody else has chosen.
  const roundsFor = (bits) => bits >= 1024 ? 6 : bits >= 512 ? 10 : 32;
  const CHOSEN_ROUNDS = 32;

  function isPrime(candidate, rounds) {
    for (let i = 0; i < rounds; i++) {
      if (!op_eyot_number_test(candidate)) return false;
    }
    return true;
  }

  /** `(candidate - 1) / 2`, for an odd candidate. */
  function halved(candidate) {
    const half = new Uint8Array(candidate.length);
    for (let i = 0, carry = 0; i < candidate.length; i++) {
      half[i] = carry | (candidate[i] >> 1);
      carry = (candidate[i] & 1) << 7;
    }
    return half;
  }

  function prime(bits, safe, add, rem) {
    demandRandomness();
    const step = add === null || add === undefined ? null : bytes(add);
    const rest = rem === null || rem === undefined ? null : bytes(rem);
    while (true) {
      const candidate = op_eyot_number_candidate(bits, step, rest);
      if (candidate === null || !op_eyot_number_test(candidate)) continue;
      if (safe && !isPrime(halved(candidate), roundsFor(bits))) continue;
      if (isPrime(candidate, roundsFor(bits))) return candidate;
    }
  }

  function rsaPair(bits, exponent) {
    if (!(bits >= MODULUS_BITS_MIN && bits <= MODULUS_BITS_MAX)) {
      throw new RangeError(`A modulus of ${bits} bits is not supported; it has from ${MODULUS_BITS_MIN} to ${MODULUS_BITS_MAX}.`);
    }
    if (exponent < 3 || exponent % 2 === 0) throw new RangeError("The public exponent is not supported.");
    while (true) {
      const first = prime(MathCeil(bits / 2), false);
      const second = prime(bits - MathCeil(bits / 2), false);
      let made;
      try {
        made = op_eyot_key_rsa_of_primes(first, second, exponent);
      } catch {
        continue;
      }
      const pair = pairOf(made);
      if (facts(pair.private).modulusLength === bits) return pair;
    }
  }

  const pairOf = (made) => ({ __proto__: null, private: new AsymmetricKey(made), public: new AsymmetricKey(op_eyot_key_public_of(made)) });

  function curvePair(curve) {
    demandRandomness();
    return pairOf(op_eyot_key_generate(curve));
  }

  function checkPrime(candidate, checks) {
    const number = bytes(candidate);
    return isPrime(number, MathMax(checks, CHOSEN_ROUNDS));
  }

  /** A point whose first byte says which half it is in, and gives both numbers: SEC 1 knows no such form. */
  function unhybrid(point) {
    const plain = TypedArrayPrototypeSlice(bytes(point));
    if (plain[0] === 6 || plain[0] === 7) plain[0] = 4;
    return plain;
  }

  const fits = (work) => {
    try {
      work();
      return true;
    } catch {
      return false;
    }
  };

  function fill(target, value) {
    TypedArrayPrototypeSet(bytes(target), value);
  }

  const component = (text) => text === undefined ? null : op_base64url_decode(text);

  const keys = {
    op_node_create_private_key: (data, format, type, password) => readKey(op_eyot_key_private, data, format, type, password),
    op_node_create_public_key: (data, format, type, password) => readKey(op_eyot_key_public, data, format, type, password),
    op_node_create_ed_raw: (curve, data, isPublic) => new AsymmetricKey(op_eyot_key_raw(curve, bytes(data), isPublic)),
    op_node_create_ec_jwk({ crv, x, y, d }, isPublic) {
      const jwk = { kty: "EC", crv, x, y };
      if (!isPublic) jwk.d = d;
      return new AsymmetricKey(op_eyot_key_ec_jwk(jwk, isPublic));
    },
    op_node_create_rsa_jwk({ n, e, d, p, q }, isPublic) {
      const hidden = isPublic ? [null, null, null] : [component(d), component(p), component(q)];
      return new AsymmetricKey(op_eyot_key_rsa(component(n), component(e), hidden[0], hidden[1], hidden[2]));
    },
    op_node_derive_public_key_from_private_key: (handle) => new AsymmetricKey(op_eyot_key_public_of(key(handle))),
    op_node_export_private_key_der: privateDer,
    op_node_export_private_key_jwk: (handle) => op_eyot_key_jwk(key(handle)),
    op_node_export_private_key_pem: privatePem,
    op_node_export_public_key_der: (handle, type) => op_eyot_key_der(key(handle), type ?? "spki"),
    op_node_export_public_key_jwk: (handle) => op_eyot_key_jwk(key(handle)),
    op_node_export_public_key_pem: (handle, type) =>
      pem(type === "pkcs1" ? "RSA PUBLIC KEY" : "PUBLIC KEY", op_eyot_key_der(key(handle), type ?? "spki")),
    op_node_get_asymmetric_key_details: details,
    op_node_get_asymmetric_key_type: (handle) => facts(handle).algorithm,
    op_node_sign: (handle, digest, algorithm, saltLength, padding, encoding) =>
      op_eyot_key_sign(key(handle), bytes(digest), digestName(algorithm), saltLength ?? SALT_NOT_GIVEN,
        padding ?? 0, encoding),
    op_node_verify: (handle, digest, algorithm, signature, saltLength, padding, encoding) =>
      op_eyot_key_verify(key(handle), bytes(digest), digestName(algorithm), bytes(signature), saltLength ?? SALT_NOT_GIVEN,
        padding ?? 0, encoding),
    op_node_sign_ed25519(handle, message, target) {
      fill(target, op_eyot_key_sign_message(key(handle), bytes(message)));
    },
    op_node_verify_ed25519: (handle, message, signature) =>
      op_eyot_key_verify_message(key(handle), bytes(message), bytes(signature)),
    op_node_diffie_hellman: (own, theirs) => op_eyot_key_agree(key(own), key(theirs)),
    op_node_public_encrypt: rsa(0, false),
    op_node_private_decrypt: rsa(1, true),
    op_node_private_encrypt: rsa(2, true),
    op_node_public_decrypt: (document, message, padding) => rsa(3, false)(document, message, padding),
    op_node_validate_oaep_hash(name) {
      if (ArrayPrototypeIndexOf(OAEP_HASHES, name) < 0) throw new Error("Invalid digest: " + name);
    },

    op_node_generate_rsa_key: rsaPair,
    op_node_generate_ec_key: curvePair,
    op_node_generate_ed25519_key: () => curvePair("ed25519"),
    op_node_generate_x25519_key: () => curvePair("x25519"),
    op_node_get_private_key_from_pair: (pair) => pair.private,
    op_node_get_public_key_from_pair: (pair) => pair.public,
    op_node_gen_prime: prime,
    op_node_check_prime_bytes: checkPrime,

    op_node_ecdh_generate_keys(curve, publicTarget, privateTarget, format) {
      demandRandomness();
      const own = op_eyot_ecdh_private(curve);
      const point = op_eyot_ecdh_public(curve, own);
      fill(privateTarget, own);
      fill(publicTarget, format === "compressed" ? op_eyot_ecdh_point(curve, point, true) : point);
    },
    op_node_ecdh_encode_pubkey: (curve, point, compress) => op_eyot_ecdh_point(curve, unhybrid(point), compress),
    op_node_ecdh_compute_public_key(curve, own, target) {
      fill(target, op_eyot_ecdh_public(curve, bytes(own)));
    },
    op_node_ecdh_compute_secret(curve, own, point, theirs, target) {
      if (point !== null && point !== undefined) {
        const mine = op_eyot_ecdh_public(curve, bytes(own));
        const stored = op_eyot_ecdh_point(curve, unhybrid(point), false);
        for (let i = 0; i < mine.length; i++) {
          if (mine[i] !== stored[i]) throw new Error("Invalid key pair");
        }
      }
      fill(target, op_eyot_ecdh_secret(curve, bytes(own), unhybrid(theirs)));
    },
    op_node_ecdh_validate_private_key: (curve, own) => fits(() => op_eyot_ecdh_public(curve, bytes(own))),
    op_node_ecdh_validate_public_key: (curve, point) => fits(() => op_eyot_ecdh_point(curve, unhybrid(point), false)),

    // https://www.openssl.org/docs/manmaster/man3/DH_check.html, but for what asks whether the modulus is a prime.
    op_node_dh_check(modulus, generator) {
      const { length } = trimmed(modulus);
      const base = trimmed(generator);
      const degenerate = length === 0 || length === 1 && trimmed(modulus)[0] < 2;
      return (degenerate ? 0x10 : 0) | (base.length === 0 || base.length === 1 && base[0] < 2 || base.length > length ? 0x02 : 0);
    },
    op_node_dh_compute_secret: (modulus, own, theirs) => {
      if (own === undefined) throw new TypeError("There is no private key yet.");
      return op_eyot_number_power(bytes(theirs), bytes(own), bytes(modulus));
    },
    op_node_dh_keys_generate_and_export(modulus, _length, generator) {
      demandRandomness();
      const own = new Uint8Array(MathMin(EXPONENT_BYTES_MAX, MathMax(1, trimmed(modulus).length - 1)));
      core.loadExtScript("ext:eyot/crypto.js").crypto.getRandomValues(own);
      own[0] |= 1;
      const base = [];
      for (let rest = generator; rest > 0; rest = (rest - rest % 256) / 256) ArrayPrototypePush(base, rest % 256);
      const digits = new Uint8Array(base.length);
      for (let i = 0; i < base.length; i++) digits[i] = base[base.length - 1 - i];
      return [own, op_eyot_number_power(digits, own, bytes(modulus))];
    },
  };

  function trimmed(value) {
    const digits = bytes(value);
    let at = 0;
    while (at < digits.length && digits[at] === 0) at++;
    return TypedArrayPrototypeSlice(digits, at);
  }

  const equal = (left, right) => op_eyot_key_equals(key(left), key(right));
  return { bytes, equal, is, keys, kindOf: (handle) => facts(handle).kind };
})()
