// Loopbacks: `ctx.exports`, bindings of a script to its own entrypoints,
// https://developers.cloudflare.com/workers/runtime-apis/context/#exports
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectCreate, ObjectDefineProperty, ObjectFreeze, ObjectKeys, ObjectPrototype } = primordials;
  const { loadExtScript } = core;
  const { handlers } = loadExtScript("ext:eyot/dispatch.js");
  const { isEntrypointClass } = loadExtScript("ext:eyot/entrypoints.js");

  let made;

  /** One for each export of the main module that can be called: a class of entrypoints, or an object with `fetch`. */
  function loopbacks() {
    return made ??= ObjectFreeze(make());
  }

  function make() {
    const all = ObjectCreate(ObjectPrototype);
    const namespace = handlers.exports;
    const names = namespace === undefined ? [] : ObjectKeys(namespace);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const value = namespace[name];
      const isHandler = typeof value === "object" && value !== null && typeof value.fetch === "function";
      if (!isHandler && !isEntrypointClass(value)) continue;
      define(all, name);
    }
    return all;
  }

  /** Bindings are made when they are asked for. */
  function define(all, name) {
    let binding;
    ObjectDefineProperty(all, name, {
      __proto__: null,
      get: () => binding ??= loadExtScript("ext:eyot/service.js").makeOwn(name === "default" ? null : name, undefined),
      enumerable: true,
      configurable: false,
    });
  }

  return { loopbacks };
})()
