// node:perf_hooks, with the names that measure an event loop that is not the script's.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperties } = primordials;
  const { hidden } = core.loadExtScript("ext:eyot/hidden.js");
  const hooks = core.loadExtScript("ext:eyot_node/unenv/perf_hooks.js");
  const { validateFunction } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  function timerify(callback) {
    validateFunction(callback, "fn");
    return callback;
  }
  const eventLoopUtilization = () => ({ idle: 0, active: 0, utilization: 0 });

  const { default: base, ...named } = hooks;
  // The global scope's classes, whose objects its performance makes.
  const { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver, PerformanceObserverEntryList } =
    core.loadExtScript("ext:eyot/performance.js");
  const names = {
    Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver, PerformanceObserverEntryList,
    eventLoopUtilization, timerify,
  };
  // In Node the global scope's performance has them too; here it is the web's for whoever does not ask for this module.
  ObjectDefineProperties(hooks.performance, { eventLoopUtilization: hidden(eventLoopUtilization), timerify: hidden(timerify) });
  return { ...named, ...names, default: { ...base, ...names } };
})()
