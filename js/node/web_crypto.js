// WebCrypto as node:crypto exports it: the global scope's own.
(function () {
  const { core } = __bootstrap;
  const { crypto } = core.loadExtScript("ext:eyot/crypto.js");
  return { crypto };
})()
