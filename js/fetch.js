// Fetch: Deno's, counted against the request's subrequest limits.
//
// At most `open` subrequests of one run are under way at once, further ones wait; past the total they are refused. The
// egress policy is the host's and applies to every connection, redirects included.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, PromisePrototypeThen, PromiseReject } = primordials;
  const { op_eyot_subrequest_begin, op_eyot_subrequest_end, op_eyot_subrequest_start } = core.ops;
  const { fetch: denoFetch } = core.loadExtScript("ext:deno_fetch/26_fetch.js");
  const { currentId, currentRun } = core.loadExtScript("ext:eyot/dispatch.js");

  function fetch(input, init = undefined) {
    if (currentRun() === undefined) {
      return PromiseReject(
        new Error(
          "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope.",
        ),
      );
    }
    const id = currentId();
    // Refusal is synchronous so that an endless loop of `fetch()` meets it at once.
    try {
      op_eyot_subrequest_begin(id);
    } catch (error) {
      return PromiseReject(error);
    }
    return send(id, input, init);
  }

  async function send(id, input, init) {
    await op_eyot_subrequest_start(id);
    try {
      return await denoFetch(input, init);
    } finally {
      op_eyot_subrequest_end(id);
    }
  }

  return { fetch };
})()
