// Platform objects, as structured cloning tells them: https://webidl.spec.whatwg.org/#dfn-platform-object
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperty, ObjectGetPrototypeOf, ObjectHasOwn, ObjectPrototypeIsPrototypeOf, Symbol } = primordials;
  const hostObjectBrand = core.ops.op_eyot_host_object_symbol();
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");

  // The mark of platform objects that are not serializable; on their prototypes.
  const kNotSerializable = Symbol("[[NotSerializable]]");

  function markNotSerializable(target) {
    ObjectDefineProperty(target, kNotSerializable, { __proto__: null, value: true });
  }

  // There is none whose interface was not loaded.
  const isCryptoKey = (value) =>
    ObjectPrototypeIsPrototypeOf(core.ops.CryptoKey.prototype, value) &&
    core.loadExtScript("ext:eyot/crypto_host.js").isKey(value);

  function isPlatformObject(value) {
    return ObjectHasOwn(value, webidl.brand) ||
      (value[kNotSerializable] === true && !ObjectHasOwn(value, kNotSerializable));
  }

  /** What is under a private symbol is not found by way of prototypes, where files and blobs have it. */
  function stepsOf(value) {
    for (let holder = value; holder !== null; holder = ObjectGetPrototypeOf(holder)) {
      const steps = holder[hostObjectBrand];
      if (steps !== undefined) return steps;
    }
    return undefined;
  }

  return { hostObjectBrand, isCryptoKey, isPlatformObject, markNotSerializable, stepsOf };
})()
