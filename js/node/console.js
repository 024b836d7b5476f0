// node:console: the console that every script has.
(function () {
  const { console } = __bootstrap.core.loadExtScript("ext:eyot/console.js");
  return { ...console, default: console };
})()
