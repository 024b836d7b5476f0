// Crypto: Deno's WebCrypto, without randomness at the top level: a snapshot would give every isolate the same.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, ObjectDefineProperty, ReflectApply } = primordials;
  const { crypto, Crypto } = core.loadExtScript("ext:deno_crypto/00_crypto.js");
  const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");

  for (const name of ["getRandomValues", "randomUUID"]) {
    const original = Crypto.prototype[name];
    ObjectDefineProperty(Crypto.prototype, name, {
      __proto__: null,
      value: {
        [name](...args) {
          if (currentRun() === undefined) {
            throw new Error(
              "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope.",
            );
          }
          return ReflectApply(original, this, args);
        },
      }[name],
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  return { crypto };
})()
