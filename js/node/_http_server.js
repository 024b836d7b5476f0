// node:_http_server: a part of node:http by the name that it has inside of Node.
(function () {
  const { core, primordials } = __bootstrap;
  const { Symbol } = primordials;
  const { Server, ServerResponse } = core.loadExtScript("ext:eyot_node/http_server.js");
  const { STATUS_CODES } = core.loadExtScript("ext:eyot_node/http_names.js");
  const exported = {
    STATUS_CODES, Server, ServerResponse,
    _connectionListener() {},
    httpServerPreClose() {},
    kConnectionsCheckingInterval: Symbol("http.server.connectionsCheckingInterval"),
    kServerResponse: Symbol("ServerResponse"),
    setupConnectionsTracking() {},
    storeHTTPOptions() {},
  };
  return { ...exported, default: exported };
})()
