// node:_http_incoming: a part of node:http by the name that it has inside of Node.
(function () {
  const { IncomingMessage } = __bootstrap.core.loadExtScript("ext:eyot_node/http_message.js");
  const exported = { IncomingMessage };
  return { ...exported, default: exported };
})()
