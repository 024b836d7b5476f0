// Runs: the records of the requests in flight, and whose the JavaScript is that runs now.
//
// Classes without a prototype rather than literals without one, whose members V8 would keep in a table of each object's own.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectSetPrototypeOf } = primordials;

  // Those in flight, each at its own `at`, and how many they are. A map would be made smaller and larger again all the
  // time, and so would an array of just this length.
  const runs = ObjectSetPrototypeOf([], null);
  let count = 0;

  // Places that are kept for runs to come.
  const KEPT = 64;

  class Context {
    constructor(run) {
      // A text, so that the host can read it too: nothing of a script ever sees the continuation data itself.
      this["eyot.run"] = run;
    }
  }
  ObjectSetPrototypeOf(Context.prototype, null);

  class Run {
    constructor(id, method, hops, entrypoint, props) {
      this.id = id;
      this.method = method;
      this.hops = hops;
      this.entrypoint = entrypoint;
      this.props = props;
      // Only a call through a service binding, which comes from another script, has somebody to take its exception.
      this.isCall = hops > 0;
      this.open = 1;
      this.over = false;
      this.request = null;
      this.body = null;
      // Those of answers it has asked for and not looked at.
      this.bodies = null;
      this.timers = null;
      this.nodeTimers = null;
      this.sessions = null;
      this.at = count;
    }
  }
  ObjectSetPrototypeOf(Run.prototype, null);

  function newRun(id, method, hops, entrypoint, props) {
    const run = new Run(id, method, hops, entrypoint, props);
    runs[count++] = run;
    return run;
  }

  /** The run in flight of this id, if there is one; asked for when something goes wrong, and not otherwise. */
  function runOf(id) {
    for (let at = 0; at < count; at++) {
      if (runs[at].id === id) return runs[at];
    }
  }

  /** The run is over. */
  function takeOut(run) {
    if (run.over) return;
    run.over = true;
    const last = runs[--count];
    runs[run.at] = last;
    last.at = run.at;
    runs[count] = null;
    if (runs.length > KEPT && count < runs.length / 4) runs.length = count;
  }

  /** The run that the JavaScript now running belongs to, if any. */
  function currentRun() {
    return core.getAsyncContext()?.["eyot.run"];
  }

  /** Calls back on behalf of the run. */
  function within(run, callback) {
    const before = core.getAsyncContext();
    core.setAsyncContext(new Context(run));
    try {
      return callback();
    } finally {
      core.setAsyncContext(before);
    }
  }

  return { currentRun, newRun, runOf, takeOut, within };
})()
