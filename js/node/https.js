// node:https: node:http with another default.
(function () {
  const { core, primordials } = __bootstrap;
  const { JSONStringify, ObjectSetPrototypeOf, ReflectApply } = primordials;
  const http = core.loadExtScript("ext:eyot_node/http.js");
  const { Server, createServer } = http;

  /** The same with another port and protocol. */
  function Agent(options = undefined) {
    if (!(this instanceof Agent)) return new Agent(options);
    ReflectApply(http.Agent, this, [{ defaultPort: 443, protocol: "https:", ...options }]);
    this.maxCachedSessions = this.options.maxCachedSessions ?? 100;
  }
  ObjectSetPrototypeOf(Agent.prototype, http.Agent.prototype);
  // What connections have to have in common, in Node's order: https://nodejs.org/api/https.html#new-agentoptions
  const NAMED = ["ca", "cert", "clientCertEngine", "ciphers", "key", "pfx", "rejectUnauthorized", "servername", "minVersion",
    "maxVersion", "secureProtocol", "crl", "honorCipherOrder", "ecdhCurve", "dhparam", "secureOptions", "sessionIdContext", "sigalgs",
    "privateKeyIdentifier", "privateKeyEngine"];
  // Of these false and 0 are said, too.
  const GIVEN = { __proto__: null, honorCipherOrder: true, rejectUnauthorized: true, secureOptions: true };
  Agent.prototype.getName = function getName(options = {}) {
    let name = ReflectApply(http.Agent.prototype.getName, this, [options]);
    for (let i = 0; i < NAMED.length; i++) {
      const value = options[NAMED[i]];
      const isThere = GIVEN[NAMED[i]] ? value !== undefined : value && (NAMED[i] !== "servername" || value !== options.host);
      name += isThere ? `:${NAMED[i] === "sigalgs" ? JSONStringify(value) : value}` : ":";
    }
    return name;
  };
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
