// WebCrypto as node:crypto exports it. The real objects are the host's and cannot be part of a snapshot: these forward to
// them once something is called.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectGetOwnPropertyNames, ReflectApply } = primordials;
  const { CryptoKey, SubtleCrypto } = core.loadExtScript("ext:deno_crypto/00_crypto.js");
  const real = () => core.loadExtScript("ext:eyot/crypto.js").crypto;

  const subtle = {};
  const names = ObjectGetOwnPropertyNames(SubtleCrypto.prototype);
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    if (name === "constructor" || typeof SubtleCrypto.prototype[name] !== "function") continue;
    subtle[name] = (...args) => {
      const target = real().subtle;
      return ReflectApply(target[name], target, args);
    };
  }

  const crypto = {
    CryptoKey,
    subtle,
    getRandomValues: (view) => real().getRandomValues(view),
    randomUUID: () => real().randomUUID(),
  };
  return { crypto };
})()
