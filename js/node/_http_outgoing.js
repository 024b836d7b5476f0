// node:_http_outgoing: a part of node:http by the name that it has inside of Node.
(function () {
  const { core, primordials } = __bootstrap;
  const { Symbol } = primordials;
  const { OutgoingMessage, validateHeaderName, validateHeaderValue } = core.loadExtScript("ext:eyot_node/http_message.js");
  const exported = {
    OutgoingMessage, validateHeaderName, validateHeaderValue,
    kHighWaterMark: Symbol("kHighWaterMark"),
    kUniqueHeaders: Symbol("kUniqueHeaders"),
    parseUniqueHeadersOption: () => null,
  };
  return { ...exported, default: exported };
})()
