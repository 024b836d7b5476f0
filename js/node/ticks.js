// process.nextTick: a microtask. Workers has no phase of its own for it either.
(function () {
  const { core, primordials } = __bootstrap;
  const { PromisePrototypeThen, PromiseResolve, ReflectApply } = primordials;
  const { reportUncaught } = core.loadExtScript("ext:eyot/dispatch.js");
  const { validateFunction } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  function nextTick(callback, ...args) {
    validateFunction(callback, "callback");
    PromisePrototypeThen(PromiseResolve(), () => {
      try {
        ReflectApply(callback, undefined, args);
      } catch (error) {
        reportUncaught("Uncaught", error);
      }
    });
  }

  return { _exiting: false, nextTick };
})()
