// Microtasks: `queueMicrotask`, https://html.spec.whatwg.org/#microtask-queuing, as a promise job.
//
// V8's own knows nothing of the request it was called in: as a promise job it is charged and logged as that request's.
(function () {
  const { core, primordials } = __bootstrap;
  const { PromisePrototypeThen, PromiseResolve, TypeError } = primordials;
  const { reportException } = core.loadExtScript("ext:deno_web/02_event.js");

  return {
    queueMicrotask(callback) {
      if (typeof callback !== "function") {
        throw new TypeError("Failed to execute 'queueMicrotask': the callback is not a function.");
      }
      PromisePrototypeThen(PromiseResolve(undefined), () => {
        try {
          callback();
        } catch (error) {
          reportException(error);
        }
      });
    },
  };
})()
