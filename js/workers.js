// The module `cloudflare:workers`, https://developers.cloudflare.com/workers/runtime-apis/bindings/#importing-env-as-a-global
(function () {
  const { core, primordials } = __bootstrap;
  const { Error } = primordials;
  const { RpcTarget, WorkerEntrypoint } = core.loadExtScript("ext:eyot/entrypoints.js");
  const { currentRun, env, waitUntil: waitUntilOf } = core.loadExtScript("ext:eyot/dispatch.js");

  function waitUntil(promise) {
    const run = currentRun();
    if (run === undefined) throw new Error("Disallowed operation called within global scope: waitUntil().");
    waitUntilOf(run, promise);
  }

  return { RpcTarget, WorkerEntrypoint, env, waitUntil };
})()
