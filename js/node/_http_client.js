// node:_http_client: a part of node:http by the name that it has inside of Node.
(function () {
  const { ClientRequest } = __bootstrap.core.loadExtScript("ext:eyot_node/http_client.js");
  const exported = { ClientRequest };
  return { ...exported, default: exported };
})()
