// Performance: Deno's, on the clock that stands still; its origin is the epoch, as in Workers.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperties } = primordials;
  const { op_eyot_now } = core.ops;
  const { Performance, performance } = core.loadExtScript("ext:deno_web/15_performance.js");

  ObjectDefineProperties(Performance.prototype, {
    now: {
      __proto__: null,
      value: {
        now() {
          return op_eyot_now();
        },
      }.now,
      writable: true,
      enumerable: true,
      configurable: true,
    },
    timeOrigin: {
      __proto__: null,
      get() {
        return 0;
      },
      enumerable: true,
      configurable: true,
    },
  });

  return { Performance, performance };
})()
