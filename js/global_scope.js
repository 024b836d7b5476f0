// The global scope as an object: https://html.spec.whatwg.org/multipage/workers.html#the-workerglobalscope-common-interface,
// and what it is told of rejections: https://html.spec.whatwg.org/multipage/webappapis.html#unhandled-promise-rejections
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperty, ObjectSetPrototypeOf, SafeWeakMap, SafeWeakSet } = primordials;
  const { loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { EventTarget, defineEventHandler, listenerCount, saveGlobalThisReference, setIsTrusted } = loadExtScript(
    "ext:deno_web/02_event.js",
  );
  const { charge, currentRun, reportUncaught } = loadExtScript("ext:eyot/dispatch.js");

  class WorkerGlobalScope extends EventTarget {
    constructor() {
      super();
      webidl.illegalConstructor();
    }
  }
  webidl.configureInterface(WorkerGlobalScope);
  defineEventHandler(WorkerGlobalScope.prototype, "error", undefined, true);
  defineEventHandler(WorkerGlobalScope.prototype, "rejectionhandled");
  defineEventHandler(WorkerGlobalScope.prototype, "unhandledrejection");

  class ServiceWorkerGlobalScope extends WorkerGlobalScope {}
  webidl.configureInterface(ServiceWorkerGlobalScope);

  // Rejections that were told of, and are told of again when somebody handles them after all.
  const told = new SafeWeakSet();
  const reasons = new SafeWeakMap();

  /** Whether the event's default, a line in the log, is to happen. */
  function tell(type, promise, reason, cancelable) {
    if (listenerCount(globalThis, type) === 0) return true;
    const { PromiseRejectionEvent } = loadExtScript("ext:eyot/shapes.js");
    const event = new PromiseRejectionEvent(type, { __proto__: null, cancelable, promise, reason });
    setIsTrusted(event, true);
    return globalThis.dispatchEvent(event);
  }

  // The host forgets this handler with the isolate that a snapshot is taken of: it is set by the first who needs it.
  let handlesLate = false;

  function unhandled(promise, reason) {
    charge(currentRun());
    if (!handlesLate && currentRun() !== undefined) {
      core.setHandledPromiseRejectionHandler(handled);
      handlesLate = true;
    }
    told.add(promise);
    reasons.set(promise, reason);
    if (tell("unhandledrejection", promise, reason, true)) reportUncaught("Uncaught (in promise)", reason);
    return true;
  }

  function handled(promise) {
    charge(currentRun());
    if (!told.delete(promise)) return;
    tell("rejectionhandled", promise, reasons.get(promise), false);
  }

  function install(target) {
    ObjectSetPrototypeOf(target, ServiceWorkerGlobalScope.prototype);
    ObjectDefineProperty(target, webidl.brand, { __proto__: null, value: webidl.brand });
    saveGlobalThisReference(target);
    core.setUnhandledPromiseRejectionHandler(unhandled);
  }

  return { ServiceWorkerGlobalScope, WorkerGlobalScope, install };
})()
