// deno_node 0.198.0, polyfills/internal/crypto/hkdf.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const {
    PromisePrototypeCatch,
    PromisePrototypeThen,
    SafeSet,
    SetPrototypeHas,
    StringPrototypeToLowerCase,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    Uint8Array
  } = primordials;
  const {
    op_node_get_hash_size,
    op_node_hkdf,
    op_node_hkdf_async
  } = core.loadExtScript("ext:eyot_node/crypto_ops.js");
  const {
    validateFunction,
    validateInteger,
    validateString
  } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const {
    ERR_CRYPTO_INVALID_DIGEST,
    ERR_CRYPTO_INVALID_KEYLEN,
    ERR_INVALID_ARG_TYPE,
    ERR_OUT_OF_RANGE,
    hideStackFrames
  } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const {
    kHandle,
    toBuf,
    validateByteSource
  } = core.loadExtScript("ext:eyot_node/deno/internal/crypto/util.js");
  const {
    createSecretKey
  } = core.loadExtScript("ext:eyot_node/deno/internal/crypto/keys.js");
  const { kMaxLength } = core.loadExtScript(
    "ext:eyot_node/deno/internal/buffer.js"
  );
  const {
    isAnyArrayBuffer,
    isArrayBufferView
  } = core.loadExtScript("ext:eyot_node/deno/internal/util/types.js");
  const { isKeyObject } = core.loadExtScript(
    "ext:eyot_node/deno/internal/crypto/_keys.js"
  );
  const { getHashes } = core.loadExtScript(
    "ext:eyot_node/deno/internal/crypto/hash.js"
  );
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  function toRawBytes(x) {
    if (isArrayBufferView(x)) {
      const v = x;
      return Buffer.from(v.buffer, v.byteOffset, v.byteLength);
    }
    if (isAnyArrayBuffer(x)) {
      return Buffer.from(x);
    }
    return Buffer.from(toBuf(x));
  }
  const validateParameters = hideStackFrames(
    (hash, key, salt, info, length) => {
      validateString(hash, "digest");
      key = prepareKey(key);
      validateByteSource(salt, "salt");
      validateByteSource(info, "info");
      salt = toRawBytes(toBuf(salt));
      info = toRawBytes(toBuf(info));
      validateInteger(length, "length", 0, kMaxLength);
      if (TypedArrayPrototypeGetByteLength(info) > 1024) {
        throw new ERR_OUT_OF_RANGE(
          "info",
          "must not contain more than 1024 bytes",
          TypedArrayPrototypeGetByteLength(info)
        );
      }
      validateAlgorithm(hash);
      const size = op_node_get_hash_size(hash);
      if (typeof size === "number" && size * 255 < length) {
        throw new ERR_CRYPTO_INVALID_KEYLEN();
      }
      return {
        hash,
        key,
        salt,
        info,
        length
      };
    }
  );
  function prepareKey(key) {
    if (isKeyObject(key)) {
      return key;
    }
    if (isAnyArrayBuffer(key)) {
      return createSecretKey(new Uint8Array(key));
    }
    key = toBuf(key);
    if (!isArrayBufferView(key)) {
      throw new ERR_INVALID_ARG_TYPE(
        "ikm",
        [
          "string",
          "SecretKeyObject",
          "ArrayBuffer",
          "TypedArray",
          "DataView",
          "Buffer"
        ],
        key
      );
    }
    return createSecretKey(key);
  }
  function hkdf(hash, key, salt, info, length, callback) {
    ({ hash, key, salt, info, length } = validateParameters(
      hash,
      key,
      salt,
      info,
      length
    ));
    validateFunction(callback, "callback");
    hash = StringPrototypeToLowerCase(hash);
    PromisePrototypeCatch(
      PromisePrototypeThen(
        op_node_hkdf_async(hash, key[kHandle], salt, info, length),
        (okm) => callback(null, TypedArrayPrototypeGetBuffer(okm))
      ),
      (err) => callback(new ERR_CRYPTO_INVALID_DIGEST(err), void 0)
    );
  }
  function hkdfSync(hash, key, salt, info, length) {
    ({ hash, key, salt, info, length } = validateParameters(
      hash,
      key,
      salt,
      info,
      length
    ));
    hash = StringPrototypeToLowerCase(hash);
    const okm = new Uint8Array(length);
    try {
      op_node_hkdf(hash, key[kHandle], salt, info, okm);
    } catch (e) {
      throw new ERR_CRYPTO_INVALID_DIGEST(e);
    }
    return TypedArrayPrototypeGetBuffer(okm);
  }
  let hashes = null;
  function validateAlgorithm(algorithm) {
    if (hashes === null) {
      hashes = new SafeSet(getHashes());
    }
    if (!SetPrototypeHas(hashes, algorithm)) {
      throw new ERR_CRYPTO_INVALID_DIGEST(algorithm);
    }
  }
  return {
    hkdf,
    hkdfSync,
    default: {
      hkdf,
      hkdfSync
    }
  };
})()
