// node:net: client sockets, and addresses told apart. There are no servers: nothing listens here but the node.
(function () {
  const { core } = __bootstrap;
  const unenv = core.loadExtScript("ext:eyot_node/unenv/net.js");
  const { Socket, connect } = core.loadExtScript("ext:eyot_node/net_socket.js");
  const { isIP, isIPv4, isIPv6 } = core.loadExtScript("ext:eyot_node/addresses.js");
  const { ERR_METHOD_NOT_IMPLEMENTED } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");

  function Server() {
    throw new ERR_METHOD_NOT_IMPLEMENTED("net.Server");
  }
  const createServer = () => new Server();

  const ours = { Socket, Stream: Socket, Server, connect, createConnection: connect, createServer, isIP, isIPv4, isIPv6 };
  const exported = { ...unenv, ...ours };
  exported.default = { ...unenv.default, ...ours };
  return exported;
})()
