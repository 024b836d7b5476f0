// Performance: Deno's, on the clock that stands still; its origin is the epoch, as in Workers.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypeSort, ObjectDefineProperties, ObjectDefineProperty, ReflectApply, SafeArrayIterator } = primordials;
  const { op_eyot_now } = core.ops;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const deno = core.loadExtScript("ext:deno_web/15_performance.js");
  const { Performance } = deno;

  const replaced = {
    now() {
      webidl.assertBranded(this, Performance.prototype);
      return op_eyot_now();
    },

    get timeOrigin() {
      webidl.assertBranded(this, Performance.prototype);
      return 0;
    },
  };
  const descriptors = primordials.ObjectGetOwnPropertyDescriptors(replaced);
  ObjectDefineProperties(Performance.prototype, { __proto__: null, now: descriptors.now, timeOrigin: descriptors.timeOrigin });

  // Deno keeps entries in the order they were made; they are told in the order they begin
  // (https://w3c.github.io/performance-timeline/#filter-buffer-by-name-and-type).
  for (const name of new SafeArrayIterator(["getEntries", "getEntriesByName", "getEntriesByType"])) {
    const original = Performance.prototype[name];
    const sorted = {
      [name](...args) {
        const entries = ReflectApply(original, this, args);
        return ArrayPrototypeSort(entries, (left, right) => left.startTime - right.startTime);
      },
    }[name];
    ObjectDefineProperty(sorted, "length", { __proto__: null, value: original.length });
    ObjectDefineProperty(Performance.prototype, name, { __proto__: null, value: sorted });
  }

  ObjectDefineProperty(deno.PerformanceObserverEntryList, "length", { __proto__: null, value: 0, configurable: true });

  return deno;
})()
