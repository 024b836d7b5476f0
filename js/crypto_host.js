// WebCrypto's host objects, asked beside scripts: what a key is, and methods as they were before a script could replace them.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectGetOwnPropertyDescriptor, ReflectApply, TypedArrayPrototypeGetByteLength } = primordials;
  const { CryptoKey, op_eyot_timing_safe_equal } = core.ops;
  const { exportNodeMaterial } = CryptoKey;

  const getter = (name) => ObjectGetOwnPropertyDescriptor(CryptoKey.prototype, name).get;
  const algorithm = getter("algorithm");
  const extractable = getter("extractable");
  const type = getter("type");
  const usages = getter("usages");

  /** Whether it is a key, whatever its prototype says. */
  function isKey(value) {
    if (typeof value !== "object" || value === null) return false;
    try {
      ReflectApply(type, value, []);
      return true;
    } catch {
      return false;
    }
  }

  /** Whether two keys are of the same bytes. */
  function equal(left, right) {
    const one = exportNodeMaterial(left).data;
    const other = exportNodeMaterial(right).data;
    return TypedArrayPrototypeGetByteLength(one) === TypedArrayPrototypeGetByteLength(other) && op_eyot_timing_safe_equal(one, other);
  }

  return {
    algorithmOf: (key) => ReflectApply(algorithm, key, []),
    equal,
    extractableOf: (key) => ReflectApply(extractable, key, []),
    isKey,
    // Of `SubtleCrypto`; put in here by crypto.js.
    methods: { __proto__: null },
    typeOf: (key) => ReflectApply(type, key, []),
    usagesOf: (key) => ReflectApply(usages, key, []),
  };
})()
