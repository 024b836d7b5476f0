// What Deno's classes use of its console to show themselves. Values are shown by Node's own `inspect` instead
// (js/node/lib/internal/util/inspect.js): deno_web's is in Rust, which does not look for the end of a script's time, and
// what it allocates no cap holds back.
(function () {
  const { primordials } = __bootstrap;
  const { ObjectDefineProperty, ReflectGetOwnPropertyDescriptor, ReflectGetPrototypeOf } = primordials;

  /** An object of the same class name that has these properties alone: with `evaluate` their values, else as they are defined. */
  function createFilteredInspectProxy({ object, keys, evaluate }) {
    const Shown = class {};
    const name = object.constructor?.name;
    if (name) ObjectDefineProperty(Shown, "name", { __proto__: null, value: name });
    const shown = new Shown();
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      const defined = evaluate ? undefined : definitionOf(object, key);
      ObjectDefineProperty(shown, key, {
        __proto__: null,
        ...(defined ?? { configurable: true, enumerable: true, value: object[key] }),
      });
    }
    return shown;
  }

  /** How an object or what it inherits from defines a property. */
  function definitionOf(object, key) {
    for (; object !== null; object = ReflectGetPrototypeOf(object)) {
      const defined = ReflectGetOwnPropertyDescriptor(object, key);
      if (defined !== undefined) return defined;
    }
    return undefined;
  }

  return { createFilteredInspectProxy };
})()
