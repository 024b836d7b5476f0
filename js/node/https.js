// node:https: node:http with another default.
(function () {
  const { core } = __bootstrap;
  const http = core.loadExtScript("ext:eyot_node/http.js");
  const { Agent, globalAgent, Server, createServer } = http;

  const request = (...args) => http.requestWith("https:", args);

  function get(...args) {
    const sent = request(...args);
    sent.end();
    return sent;
  }

  const exported = { Agent, Server, createServer, get, globalAgent, request };
  return { ...exported, default: exported };
})()
