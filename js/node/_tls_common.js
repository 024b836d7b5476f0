// node:_tls_common: a part of node:tls by the name that it has inside of Node.
(function () {
  const { SecureContext, createSecureContext } = __bootstrap.core.loadExtScript("ext:eyot_node/tls.js");
  const exported = { SecureContext, createSecureContext, translatePeerCertificate: (certificate) => certificate ?? null };
  return { ...exported, default: exported };
})()
