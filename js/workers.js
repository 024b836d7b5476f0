// The module `cloudflare:workers`, https://developers.cloudflare.com/workers/runtime-apis/bindings/#importing-env-as-a-global
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, Proxy, ReflectGet, ReflectGetOwnPropertyDescriptor, ReflectHas, ReflectOwnKeys } = primordials;
  const { op_eyot_env_read } = core.ops;
  const { RpcTarget, WorkerEntrypoint } = core.loadExtScript("ext:eyot/entrypoints.js");
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

  return { RpcTarget, WorkerEntrypoint, env, waitUntil };
})()
