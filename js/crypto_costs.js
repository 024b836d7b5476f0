// Costs of WebCrypto: what one call may cost, and what an isolate's calls and keys hold of the host's memory.
//
// Deno copies what it works on and keeps keys outside of the heap: both count against the isolate's memory cap. What has
// begun cannot be stopped, and goes on when its isolate has ended: one call is short, and there are never many of them.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayBufferPrototypeGetByteLength,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    MathCeil,
    ObjectGetPrototypeOf,
    SafeWeakMap,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetSymbolToStringTag,
  } = primordials;
  const { op_eyot_hold, op_eyot_let_go } = core.ops;
  const { isArrayBuffer } = core;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");

  // Workers' own caps on what one call may cost.
  const PBKDF2_ITERATIONS_MAX = 100_000;
  const RSA_MODULUS_BITS_MAX = 4096;
  const COSTS = { __proto__: null, iterations: PBKDF2_ITERATIONS_MAX, modulusLength: RSA_MODULUS_BITS_MAX };

  // More than HKDF can give with any hash.
  const DERIVED_BITS_MAX = 1 << 17;
  // All iterations for each block of what is derived: about a second's.
  const PBKDF2_WORK_MAX = 16 * PBKDF2_ITERATIONS_MAX;
  const SHORTEST_HASH_BITS = 160;
  // Salt and `info` are hashed again for each block.
  const DERIVED_FROM_BYTES_MAX = 64 << 10;
  // Filled with randomness before it is found not to fit the key.
  const SALT_LENGTH_MAX = RSA_MODULUS_BITS_MAX / 8;
  // No key of two halves is longer in any format.
  const KEY_DOCUMENT_BYTES_MAX = 32 << 10;

  // The longest operations weigh the most.
  const WEIGHT_MAX = 2048;
  // What is copied and what is made of it.
  const COPIES = 2;
  const CALL_BYTES = 1 << 10;
  const KEY_BYTES = 4 << 10;

  const MAKES_KEYS = {
    __proto__: null,
    decapsulateKey: true, deriveKey: true, encapsulateKey: true, generateKey: true, getPublicKey: true, importKey: true,
    unwrapKey: true,
  };
  const OF_BYTES = { __proto__: null, HMAC: true, HKDF: true, KMAC128: true, KMAC256: true, PBKDF2: true };
  const OF_LENGTH = { __proto__: null, HMAC: true, KMAC128: true, KMAC256: true };

  const keys = new SafeWeakMap();
  let underWay = 0;

  const refuse = (message, name = "NotSupportedError") => {
    throw new DOMException(message, name);
  };

  /** A member that says how long a call takes, as the number it will be taken for. */
  function checkCost(algorithm, member) {
    const value = algorithm?.[member];
    if (value === undefined) return 0;
    const number = webidl.converters["unsigned long"](value, "Algorithm", member, { __proto__: null, enforceRange: true });
    if (number > COSTS[member]) refuse(`${member} above ${COSTS[member]} is not supported; requested ${number}.`);
    return number;
  }

  /** What `algorithm` derives, which nothing else limits. */
  function checkDerived(algorithm, length) {
    const iterations = checkCost(algorithm, "iterations");
    const bits = length === undefined || length === null ? 0 : webidl.converters["unsigned long"](length);
    if (bits > DERIVED_BITS_MAX) refuse(`Deriving more than ${DERIVED_BITS_MAX} bits is not supported; requested ${bits}.`);
    if (iterations * MathCeil(bits / SHORTEST_HASH_BITS) > PBKDF2_WORK_MAX) {
      refuse(`So many iterations are not supported for ${bits} bits; requested ${iterations}.`);
    }
    if (sizeOf(algorithm?.salt) > DERIVED_FROM_BYTES_MAX || sizeOf(algorithm?.info) > DERIVED_FROM_BYTES_MAX) {
      refuse(`Salt and info above ${DERIVED_FROM_BYTES_MAX} bytes are not supported.`);
    }
  }

  /** Digests and codes that are as long as one asks. */
  function checkOutput(algorithm) {
    const value = algorithm?.outputLength;
    if (value === undefined) return;
    const bits = webidl.converters["unsigned long"](value, "Algorithm", "outputLength", { __proto__: null, enforceRange: true });
    if (bits > DERIVED_BITS_MAX) {
      refuse(`An outputLength above ${DERIVED_BITS_MAX} is not supported; requested ${bits}.`, "OperationError");
    }
  }

  /** Keys of random bytes that are as long as one asks. */
  function checkLength(name, algorithm) {
    if (OF_LENGTH[name] === true && algorithm.length > DERIVED_BITS_MAX) {
      refuse(`A key of more than ${DERIVED_BITS_MAX} bits is not supported; requested ${algorithm.length}.`, "OperationError");
    }
  }

  function checkSaltLength(algorithm) {
    if (algorithm?.saltLength > SALT_LENGTH_MAX) refuse("The salt does not fit the key.", "OperationError");
  }

  /** Before a key is read: those that are numbers are never long. */
  function checkDocument(name, document) {
    if (OF_BYTES[name] !== true && sizeOf(document) > KEY_DOCUMENT_BYTES_MAX) refuse("The key is too long.", "DataError");
  }

  /** Once it has been. */
  function checkModulus(algorithm) {
    if (algorithm.modulusLength > RSA_MODULUS_BITS_MAX) {
      refuse(`modulusLength above ${RSA_MODULUS_BITS_MAX} is not supported; the key has ${algorithm.modulusLength}.`);
    }
  }

  /** Bytes of a buffer, or of all members of an object of ours. */
  function sizeOf(value) {
    if (typeof value === "string") return value.length;
    if (typeof value !== "object" || value === null) return 0;
    if (ArrayBufferIsView(value)) {
      if (TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined) return TypedArrayPrototypeGetByteLength(value);
      // Of a buffer that was taken away, which has none.
      return ArrayBufferPrototypeGetByteLength(DataViewPrototypeGetBuffer(value)) === 0 ? 0 : DataViewPrototypeGetByteLength(value);
    }
    if (isArrayBuffer(value)) return ArrayBufferPrototypeGetByteLength(value);
    let sum = 0;
    if (ObjectGetPrototypeOf(value) === null) {
      for (const key in value) sum += sizeOf(value[key]);
    }
    return sum;
  }

  function weightOf(method, algorithm) {
    if (method === "deriveBits" || method === "deriveKey") return 8;
    return method === "generateKey" && algorithm?.modulusLength !== undefined ? 512 : 1;
  }

  /**
   * Counts what a call is going to hold; gives what is to be called with its answer, or with nothing, when it has ended.
   * Throws when it is too much.
   */
  function begin(method, args) {
    const weight = weightOf(method, args[0]);
    if (underWay + weight > WEIGHT_MAX) refuse("Too many cryptographic operations are under way.", "OperationError");
    let bytes = 0;
    for (let i = 0; i < args.length; i++) bytes += sizeOf(args[i]);
    const held = op_eyot_hold(CALL_BYTES + COPIES * bytes);
    const kept = MAKES_KEYS[method] === true ? op_eyot_hold(KEY_BYTES + bytes) : null;
    underWay += weight;
    return (answer) => {
      underWay -= weight;
      op_eyot_let_go(held);
      if (kept === null) return;
      if (typeof answer !== "object" || answer === null) op_eyot_let_go(kept);
      else if (method === "encapsulateKey") keys.set(answer.sharedKey, kept);
      else if (answer.privateKey === undefined) keys.set(answer, kept);
      else {
        keys.set(answer.privateKey, kept);
        keys.set(answer.publicKey, kept);
      }
    };
  }

  return { begin, checkCost, checkDerived, checkDocument, checkLength, checkModulus, checkOutput, checkSaltLength, sizeOf };
})()
