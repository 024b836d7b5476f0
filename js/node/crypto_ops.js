// The host as the crypto part of Deno's files knows it: its op names, on ours.
//
// Every handle is an object with a private field, so that no script can come to the host's state with it, make another
// of its kind, or give one where another is meant. At the top level there is no randomness: a snapshot would give every
// isolate the same. What has no op here says so when it is called.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeIndexOf,
    Error,
    MathMin,
    PromisePrototypeThen,
    PromiseResolve,
    RangeError,
    ReflectApply,
    StringPrototypeReplace,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    TypedArrayPrototypeSet,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const {
    op_base64url_encode_from_buffer,
    op_eyot_hash_copy,
    op_eyot_hash_digest,
    op_eyot_hash_hkdf,
    op_eyot_hash_new,
    op_eyot_hash_pbkdf2_begin,
    op_eyot_hash_pbkdf2_step,
    op_eyot_hash_scrypt,
    op_eyot_hash_update,
  } = core.ops;
  // Made when it is first used: a snapshot cannot hold it.
  const webCrypto = () => core.loadExtScript("ext:eyot/crypto.js").crypto;

  const HASHES = ["md5", "ripemd160", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512-224", "sha512-256", "sha3-224",
    "sha3-256", "sha3-384", "sha3-512"];
  const SIZES = [16, 20, 20, 28, 32, 48, 64, 28, 32, 28, 32, 48, 64];
  const RANDOM_BYTES_AT_ONCE = 65536;
  const HASHED_BYTES_AT_ONCE = 1 << 20;
  const DERIVED_BYTES_MAX = 1 << 20;

  function hashName(name) {
    let plain = StringPrototypeToLowerCase(`${name}`);
    if (StringPrototypeStartsWith(plain, "rsa-")) plain = StringPrototypeReplace(plain, "rsa-", "");
    plain = StringPrototypeReplace(plain, "sha-", "sha");
    return StringPrototypeReplace(plain, "sha512/", "sha512-");
  }

  class Hasher {
    #hash;

    constructor(hash) {
      this.#hash = hash;
    }

    static update(hasher, input) {
      if (hasher.#hash === null) return false;
      // In pieces: between ops a CPU budget that has run out ends the script.
      for (let at = 0; at < input.length; at += HASHED_BYTES_AT_ONCE) {
        op_eyot_hash_update(hasher.#hash, TypedArrayPrototypeSubarray(input, at, at + HASHED_BYTES_AT_ONCE));
      }
      return true;
    }

    static digest(hasher) {
      if (hasher.#hash === null) return null;
      const digest = op_eyot_hash_digest(hasher.#hash);
      hasher.#hash = null;
      return digest;
    }

    static copy(hasher) {
      return hasher.#hash === null ? null : new Hasher(op_eyot_hash_copy(hasher.#hash));
    }
  }
  const { copy, digest, update } = Hasher;
  delete Hasher.copy;
  delete Hasher.digest;
  delete Hasher.update;

  class SecretKey {
    #bytes;

    constructor(value) {
      this.#bytes = value;
    }

    static bytes(key) {
      return key.#bytes;
    }
  }
  const secret = SecretKey.bytes;
  delete SecretKey.bytes;

  function hex(value) {
    let text = "";
    for (let i = 0; i < value.length; i++) text += (value[i] < 16 ? "0" : "") + value[i].toString(16);
    return text;
  }

  function newHasher(algorithm, outputLength) {
    const name = hashName(algorithm);
    const at = ArrayPrototypeIndexOf(HASHES, name);
    if (at < 0) throw new Error("Digest method not supported");
    if (outputLength !== undefined && outputLength !== SIZES[at]) {
      throw new Error("Output length mismatch for non-extendable algorithm");
    }
    return new Hasher(op_eyot_hash_new(name));
  }

  function fillRandom(target) {
    const view = bytes(target);
    for (let at = 0; at < view.length; at += RANDOM_BYTES_AT_ONCE) {
      const end = MathMin(at + RANDOM_BYTES_AT_ONCE, view.length);
      webCrypto().getRandomValues(TypedArrayPrototypeSubarray(view, at, end));
    }
  }

  // Draws until a number falls into the largest multiple of the range, so that all are as likely.
  function randomInt(min, max) {
    const range = max - min;
    const most = 281474976710656 - 281474976710656 % range;
    const drawn = new Uint8Array(6);
    while (true) {
      webCrypto().getRandomValues(drawn);
      let number = 0;
      for (let i = 0; i < 6; i++) number = number * 256 + drawn[i];
      if (number < most) return min + number % range;
    }
  }

  function pbkdf2(password, salt, iterations, algorithm, target) {
    const name = hashName(algorithm);
    if (ArrayPrototypeIndexOf(HASHES, name) < 0) return false;
    if (target.length > DERIVED_BYTES_MAX) throw new RangeError(`Deriving more than ${DERIVED_BYTES_MAX} bytes is not supported.`);
    const work = op_eyot_hash_pbkdf2_begin(name, bytes(password), bytes(salt), iterations);
    let at = 0;
    // A loop of JavaScript, so that a budget that runs out can end it.
    while (at < target.length) {
      const block = op_eyot_hash_pbkdf2_step(work);
      if (block === null) continue;
      TypedArrayPrototypeSet(target, TypedArrayPrototypeSubarray(block, 0, target.length - at), at);
      at += block.length;
    }
    return true;
  }

  function hkdf(algorithm, key, salt, info, target) {
    op_eyot_hash_hkdf(hashName(algorithm), secret(key), bytes(salt), bytes(info), bytes(target));
  }

  function scrypt(password, salt, _length, costLog2, blockSize, parallelization, _memory, target) {
    op_eyot_hash_scrypt(bytes(password), bytes(salt), costLog2, blockSize, parallelization, bytes(target));
  }

  /** The same in a later microtask, on this thread: CPU time is charged to who uses it. */
  const later = (callback) => (...args) => PromisePrototypeThen(PromiseResolve(), () => ReflectApply(callback, undefined, args));

  function made(length, fill) {
    const target = new Uint8Array(length);
    fill(target);
    return target;
  }

  const { cipher, decipher } = core.loadExtScript("ext:eyot_node/crypto_ciphers.js");
  const { bytes, equal, is, keys, kindOf } = core.loadExtScript("ext:eyot_node/crypto_keys.js");

  const ops = {
    __proto__: null,
    ...cipher,
    ...decipher,
    ...keys,
    Hasher,
    op_base64url_encode_from_buffer,
    op_node_create_hash: newHasher,
    op_node_create_secret_key: (value) => new SecretKey(new Uint8Array(bytes(value))),
    op_node_export_secret_key: (key) => new Uint8Array(secret(key)),
    op_node_export_secret_key_b64url(key) {
      const value = secret(key);
      return op_base64url_encode_from_buffer(value, 0, value.length);
    },
    op_node_fill_random: fillRandom,
    op_node_fill_random_async: later((length) => made(length, fillRandom)),
    op_node_generate_secret_key: (length) => new SecretKey(made(length, fillRandom)),
    op_node_generate_secret_key_async: later((length) => new SecretKey(made(length, fillRandom))),
    op_node_get_hash_size(algorithm) {
      return SIZES[ArrayPrototypeIndexOf(HASHES, hashName(algorithm))];
    },
    op_node_get_hashes: () => [...HASHES, "RSA-MD5", "RSA-RIPEMD160", "RSA-SHA1", "RSA-SHA224", "RSA-SHA256", "RSA-SHA384",
      "RSA-SHA512"],
    op_node_get_symmetric_key_size: (key) => secret(key).length,
    op_node_hash_clone: copy,
    op_node_hash_digest: digest,
    op_node_hash_digest_hex(hasher) {
      const value = digest(hasher);
      return value === null ? null : hex(value);
    },
    op_node_hash_update: (hasher, input) => update(hasher, bytes(input)),
    op_node_hash_update_str: (hasher, text) => update(hasher, core.encode(text)),
    op_node_hkdf: hkdf,
    op_node_hkdf_async: later((algorithm, key, salt, info, length) =>
      made(length, (target) => hkdf(algorithm, key, salt, info, target))),
    op_node_key_equals(left, right) {
      if (is(left) || is(right)) return is(left) && is(right) && equal(left, right);
      const [a, b] = [secret(left), secret(right)];
      let different = a.length === b.length ? 0 : 1;
      for (let i = 0; i < a.length && i < b.length; i++) different |= a[i] ^ b[i];
      return different === 0;
    },
    op_node_key_type: (handle) => is(handle) ? kindOf(handle) : "secret",
    op_node_pbkdf2: pbkdf2,
    op_node_pbkdf2_async: later((password, salt, iterations, algorithm, length) =>
      made(length, (target) => pbkdf2(password, salt, iterations, algorithm, target))),
    op_node_pbkdf2_validate(algorithm) {
      newHasher(algorithm);
    },
    op_node_random_int: randomInt,
    op_node_scrypt_async: later((password, salt, length, costLog2, blockSize, parallelization, memory) =>
      made(length, (target) => scrypt(password, salt, length, costLog2, blockSize, parallelization, memory, target))),
    op_node_scrypt_sync: scrypt,
  };

  for (const name of ["check_prime_bytes", "gen_prime", "generate_ec_key", "generate_ed25519_key", "generate_rsa_key",
    "generate_x25519_key"]) {
    ops[`op_node_${name}_async`] = later(ops[`op_node_${name}`]);
  }

  const ABSENT = [
    "aes_unwrap_key", "aes_wrap_key", "generate_dh_group_key",
    "generate_dh_group_key_async", "generate_dh_key", "generate_dh_key_async", "generate_dsa_key", "generate_dsa_key_async",
    "generate_ed448_key", "generate_ed448_key_async", "generate_rsa_pss_key", "generate_rsa_pss_key_async",
    "generate_x448_key", "generate_x448_key_async", "sign_ed448", "verify_ed448",
  ];
  for (let i = 0; i < ABSENT.length; i++) {
    ops[`op_node_${ABSENT[i]}`] = () => {
      const error = new Error(`node:crypto: ${StringPrototypeReplace(ABSENT[i], /_/g, " ")} is not supported; crypto.subtle may do it.`);
      error.code = "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM";
      throw error;
    };
  }
  return ops;
})()
