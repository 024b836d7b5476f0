// node:_tls_wrap: a part of node:tls by the name that it has inside of Node.
(function () {
  const { Server, TLSSocket, connect, createServer } = __bootstrap.core.loadExtScript("ext:eyot_node/tls.js");
  const exported = { Server, TLSSocket, connect, createServer };
  return { ...exported, default: exported };
})()
