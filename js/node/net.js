// node:net: client sockets, and addresses told apart. There are no servers: nothing listens here but the node.
(function () {
  const { core, primordials } = __bootstrap;
  const { MathMax } = primordials;
  const unenv = core.loadExtScript("ext:eyot_node/unenv/net.js");
  const { Socket, connect } = core.loadExtScript("ext:eyot_node/net_socket.js");
  const { isIP, isIPv4, isIPv6 } = core.loadExtScript("ext:eyot_node/addresses.js");
  const { validateBoolean, validateInt32 } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { ERR_METHOD_NOT_IMPLEMENTED } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");

  function Server() {
    throw new ERR_METHOD_NOT_IMPLEMENTED("net.Server");
  }
  const createServer = () => new Server();

  // Addresses are chosen by the host, which tries one after the other.
  let triesFamilies = true;
  let attemptMs = 250;
  const families = {
    getDefaultAutoSelectFamily: () => triesFamilies,
    getDefaultAutoSelectFamilyAttemptTimeout: () => attemptMs,
    setDefaultAutoSelectFamily(value) {
      validateBoolean(value, "value");
      triesFamilies = value;
    },
    setDefaultAutoSelectFamilyAttemptTimeout(value) {
      validateInt32(value, "value", 1);
      attemptMs = MathMax(value, 10);
    },
  };

  const ours = { ...families, Socket, Stream: Socket, Server, connect, createConnection: connect, createServer, isIP, isIPv4, isIPv6 };
  const exported = { ...unenv, ...ours };
  exported.default = { ...unenv.default, ...ours };
  return exported;
})()
