// node:https: node:http with another default.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectSetPrototypeOf, ReflectApply } = primordials;
  const http = core.loadExtScript("ext:eyot_node/http.js");
  const { Server, createServer } = http;

  /** The same with another port and protocol. */
  function Agent(options = undefined) {
    if (!(this instanceof Agent)) return new Agent(options);
    ReflectApply(http.Agent, this, [{ defaultPort: 443, protocol: "https:", ...options }]);
    this.maxCachedSessions = this.options.maxCachedSessions ?? 100;
  }
  ObjectSetPrototypeOf(Agent.prototype, http.Agent.prototype);
  ObjectSetPrototypeOf(Agent, http.Agent);
  const globalAgent = new Agent();

  const request = (...args) => http.requestWith("https:", args);

  function get(...args) {
    const sent = request(...args);
    sent.end();
    return sent;
  }

  const exported = { Agent, Server, createServer, get, globalAgent, request };
  return { ...exported, default: exported };
})()
