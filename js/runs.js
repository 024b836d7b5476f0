// Runs: the records of the requests in flight, and whose the JavaScript is that runs now.
//
// Classes without a prototype rather than literals without one, whose members V8 would keep in a table of each object's own.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectSetPrototypeOf } = primordials;

  // A string, so that the host can read it too: nothing of a script ever sees the continuation data itself.
  const kRun = "eyot.run";
  // Those in flight, each at its own `at`. A map would be made smaller and larger again all the time.
  const runs = ObjectSetPrototypeOf([], null);

  class Context {
    constructor(run) {
      this[kRun] = run;
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
      this.timers = null;
      this.nodeTimers = null;
      this.sessions = null;
      this.at = runs.length;
    }
  }
  ObjectSetPrototypeOf(Run.prototype, null);

  function newRun(id, method, hops, entrypoint, props) {
    const run = new Run(id, method, hops, entrypoint, props);
    runs[run.at] = run;
    return run;
  }

  /** The run in flight of this id, if there is one; asked for when something goes wrong, and not otherwise. */
  function runOf(id) {
    for (let at = 0; at < runs.length; at++) {
      if (runs[at].id === id) return runs[at];
    }
  }

  /** The run is over. */
  function takeOut(run) {
    if (run.over) return;
    run.over = true;
    const last = runs[runs.length - 1];
    runs[run.at] = last;
    last.at = run.at;
    runs.length--;
  }

  /** The run that the JavaScript now running belongs to, if any. */
  function currentRun() {
    return core.getAsyncContext()?.[kRun];
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
