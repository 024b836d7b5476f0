// Passed bodies: what the host holds and nobody has looked at, sent on without JavaScript and without streams.
(function () {
  const { core } = __bootstrap;
  const { op_eyot_body_end, op_eyot_body_pipe } = core.ops;
  const { describe, release, reportUncaught, running } = core.loadExtScript("ext:eyot/dispatch.js");

  /** Sends what is left of the resource as the body of the run's answer. */
  async function pass(run, rid) {
    let failure = null;
    try {
      await op_eyot_body_pipe(run.id, rid);
    } catch (error) {
      running.within(run, () => reportUncaught("Uncaught (in response body)", error));
      failure = describe(error);
    } finally {
      core.tryClose(rid);
    }
    op_eyot_body_end(run.id, failure);
    release(run);
  }

  return { pass };
})()
