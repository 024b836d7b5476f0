// node:dns/promises.
(function () {
  const { promises } = __bootstrap.core.loadExtScript("ext:eyot_node/dns.js");
  const exported = { ...promises };
  delete exported.default;
  return { ...exported, default: exported };
})()
