// node:crypto: Deno's, and names that packages import and hardly call.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperty } = primordials;
  const crypto = core.loadExtScript("ext:eyot_node/deno/crypto.js");
  const { PrivateKeyObject, PublicKeyObject, SecretKeyObject } = core.loadExtScript(
    "ext:eyot_node/deno/internal/crypto/keys.js",
  );
  const { ERR_METHOD_NOT_IMPLEMENTED } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { CryptoKey } = core.loadExtScript("ext:eyot/crypto.js");

  // Gone from Node 22: a key made of a password by one round of MD5.
  const gone = (name) => function () {
    throw new ERR_METHOD_NOT_IMPLEMENTED(`crypto.${name}`);
  };
  const names = {
    Cipher: gone("Cipher"),
    CryptoKey,
    Decipher: gone("Decipher"),
    PrivateKeyObject,
    PublicKeyObject,
    SecretKeyObject,
    pseudoRandomBytes: crypto.randomBytes,
    createCipher: gone("createCipher"),
    createDecipher: gone("createDecipher"),
  };
  const base = crypto.default ?? crypto;
  const whole = { ...base, ...names };
  // No module of FIPS's stands behind this.
  ObjectDefineProperty(whole, "fips", {
    __proto__: null,
    get: () => base.getFips(),
    set: (value) => base.setFips(value),
    enumerable: true,
    configurable: true,
  });
  return { ...crypto, ...names, fips: false, default: whole };
})()
