// The module `cloudflare:workers`, https://developers.cloudflare.com/workers/runtime-apis/bindings/#importing-env-as-a-global
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, Proxy, ReflectGet, ReflectGetOwnPropertyDescriptor, ReflectHas, ReflectOwnKeys } = primordials;
  const { op_eyot_env_read } = core.ops;
  const { RpcTarget, WorkerEntrypoint } = core.loadExtScript("ext:eyot/entrypoints.js");
  const { RpcPromise, RpcProperty, RpcStub, ServiceStub } = core.loadExtScript("ext:eyot/rpc_stubs.js");
  const { loopbacks } = core.loadExtScript("ext:eyot/loopbacks.js");
  const { currentRun, env: own, isConfigured, waitUntil: waitUntilOf } = core.loadExtScript("ext:eyot/dispatch.js");

  // A snapshot is made without bindings: a top level that looks at them there has to start plain, and is told so.
  const looked = (look) => (target, name) => {
    if (!isConfigured()) op_eyot_env_read();
    return look(target, name);
  };

  const env = new Proxy(own, {
    __proto__: null,
    get: looked((target, name) => ReflectGet(target, name)),
    has: looked(ReflectHas),
    ownKeys: looked(ReflectOwnKeys),
    getOwnPropertyDescriptor: looked(ReflectGetOwnPropertyDescriptor),
  });

  function waitUntil(promise) {
    const run = currentRun();
    if (run === undefined) throw new Error("Disallowed operation called within global scope: waitUntil().");
    waitUntilOf(run, promise);
  }

  // Which they are is known when the top level has run.
  const exports = new Proxy({ __proto__: null }, {
    __proto__: null,
    get: (_target, name) => loopbacks()[name],
    has: (_target, name) => ReflectHas(loopbacks(), name),
    ownKeys: () => ReflectOwnKeys(loopbacks()),
    getOwnPropertyDescriptor: (_target, name) => ReflectGetOwnPropertyDescriptor(loopbacks(), name),
    set: () => false,
    defineProperty: () => false,
  });

  return { RpcPromise, RpcProperty, RpcStub, RpcTarget, ServiceStub, WorkerEntrypoint, env, exports, waitUntil };
})()
