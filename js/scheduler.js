// Scheduler: https://developers.cloudflare.com/workers/runtime-apis/scheduler/, a `setTimeout` that is awaited.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectFreeze, Promise, PromiseReject } = primordials;
  const { setTimeout } = core.loadExtScript("ext:eyot/timers.js");

  const scheduler = ObjectFreeze({
    wait(milliseconds, options = undefined) {
      const signal = options?.signal;
      if (signal?.aborted) return PromiseReject(signal.reason);
      return new Promise((resolve, reject) => {
        setTimeout(resolve, milliseconds);
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
  });

  return { scheduler };
})()
