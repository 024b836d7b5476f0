// cloudflare:node: handlers made of Node's HTTP servers.
(function () {
  const { handleAsNodeRequest, httpServerHandler } = __bootstrap.core.loadExtScript("ext:eyot_node/http_server.js");
  return { handleAsNodeRequest, httpServerHandler };
})()
