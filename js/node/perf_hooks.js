// node:perf_hooks, with the names that measure an event loop that is not the script's.
(function () {
  const { core } = __bootstrap;
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
  return { ...named, ...names, default: { ...base, ...names } };
})()
