// node:http
(function () {
  const { core } = __bootstrap;
  const { IncomingMessage, OutgoingMessage, validateHeaderName, validateHeaderValue } = core.loadExtScript(
    "ext:eyot_node/http_message.js",
  );
  const { Agent, ClientRequest, globalAgent, requestWith } = core.loadExtScript("ext:eyot_node/http_client.js");
  const { Server, ServerResponse, createServer } = core.loadExtScript("ext:eyot_node/http_server.js");
  const { METHODS, STATUS_CODES } = core.loadExtScript("ext:eyot_node/http_names.js");

  const { WebSocket } = core.loadExtScript("ext:eyot/websocket.js");
  const { CloseEvent, MessageEvent } = core.loadExtScript("ext:eyot/shapes.js");

  const request = (...args) => requestWith("http:", args);

  function get(...args) {
    const sent = request(...args);
    sent.end();
    return sent;
  }

  const exported = {
    Agent, ClientRequest, CloseEvent, IncomingMessage, METHODS, MessageEvent, OutgoingMessage, STATUS_CODES, Server, ServerResponse, createServer, get,
    globalAgent, request, WebSocket, validateHeaderName, validateHeaderValue,
    _connectionListener() {},
    maxHeaderSize: 16384,
    setMaxIdleHTTPParsers() {},
  };
  return { ...exported, requestWith, default: exported };
})()
