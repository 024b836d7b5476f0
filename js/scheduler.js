// Scheduler: https://developers.cloudflare.com/workers/runtime-apis/scheduler/, a `setTimeout` that is awaited.
(function () {
  const { core, primordials } = __bootstrap;
  const { Promise, PromiseReject } = primordials;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { setTimeout } = core.loadExtScript("ext:eyot/timers.js");

  class Scheduler {
    constructor() {
      webidl.illegalConstructor();
    }

    wait(milliseconds, options = undefined) {
      webidl.assertBranded(this, SchedulerPrototype);
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'wait' on 'Scheduler'");
      const signal = options?.signal;
      if (signal?.aborted) return PromiseReject(signal.reason);
      return new Promise((resolve, reject) => {
        setTimeout(resolve, milliseconds);
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    }
  }
  webidl.configureInterface(Scheduler);
  core.loadExtScript("ext:eyot/structured_clone.js").markNotSerializable(Scheduler.prototype);
  const SchedulerPrototype = Scheduler.prototype;

  return { scheduler: webidl.createBranded(Scheduler) };
})()
