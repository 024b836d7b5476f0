// node:_http_agent: a part of node:http by the name that it has inside of Node.
(function () {
  const { Agent, globalAgent } = __bootstrap.core.loadExtScript("ext:eyot_node/http_client.js");
  const exported = { Agent, globalAgent };
  return { ...exported, default: exported };
})()
