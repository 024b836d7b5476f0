// Runs that are no requests: a tick of a cron trigger, a function invoked with a payload.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, JSONParse, JSONStringify, PromisePrototypeThen, PromiseResolve, ReflectApply } = primordials;
  const { op_eyot_respond } = core.ops;
  const { loadExtScript } = core;
  const { env, handlers, release, running, waitUntil } = loadExtScript("ext:eyot/dispatch.js");
  const { CLASS, ExecutionContext, fail, target, within } = running;

  /** Calls the event's handler. */
  function call(run, kind, detail) {
    const module = handlers.module === CLASS ? target(run) : handlers.module;
    const handler = module?.[kind];
    if (kind === "invoke") {
      if (typeof handler !== "function") throw new Error("The script is no function that can be invoked.");
      return ReflectApply(handler, module, [detail]);
    }
    const { ScheduledController, scheduleThroughListeners } = loadExtScript("ext:eyot/events.js");
    if (typeof handler === "function") {
      return ReflectApply(handler, module, [new ScheduledController(detail), env, new ExecutionContext(run)]);
    }
    return scheduleThroughListeners(detail, (promise) => waitUntil(run, promise));
  }

  /** What an invocation gives is its answer, as JSON. */
  function answer(run, kind, value) {
    try {
      op_eyot_respond(run.id, 200, "", kind === "invoke" ? JSONStringify(value) ?? "null" : null);
    } catch (error) {
      fail(run, error);
      return;
    }
    release(run);
  }

  function start(run, kind, detail) {
    within(run, () => {
      try {
        PromisePrototypeThen(
          PromiseResolve(call(run, kind, JSONParse(detail))),
          (value) => answer(run, kind, value),
          (error) => fail(run, error),
        );
      } catch (error) {
        fail(run, error);
      }
    });
  }

  return { start };
})()
