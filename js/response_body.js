// Response bodies that stream: sent at the pace of the client, until they end or the client has left.
//
// A body that the host holds itself (the answer to a `fetch`, an upload, a cached response) and that nobody has read from
// goes its way without JavaScript; any other stream is read here.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayBufferIsView, TypeError } = primordials;
  const { op_eyot_body_end, op_eyot_body_pipe, op_eyot_body_write } = core.ops;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const { describe, release, reportUncaught, running } = loadExtScript("ext:eyot/dispatch.js");
  const {
    acquireReadableStreamDefaultReader,
    getReadableStreamResourceBacking,
    readableStreamCancel,
    readableStreamDisturb,
  } = loadExtScript("ext:deno_web/06_streams.js");

  /** Sends the stream as the body of the run's answer. */
  async function send(run, stream) {
    const backing = getReadableStreamResourceBacking(stream);
    try {
      if (backing?.autoClose) await pipe(run, stream, backing.rid);
      else await pump(run, stream);
      op_eyot_body_end(run.id, null);
    } catch (error) {
      running.within(run, () => reportUncaught("Uncaught (in response body)", error));
      op_eyot_body_end(run.id, describe(error));
    }
    release(run);
  }

  async function pipe(run, stream, rid) {
    acquireReadableStreamDefaultReader(stream);
    readableStreamDisturb(stream);
    try {
      await op_eyot_body_pipe(run.id, rid);
    } finally {
      // Closes what is behind it, which is read to its end or not wanted any more.
      await readableStreamCancel(stream, undefined);
    }
  }

  async function pump(run, stream) {
    const reader = acquireReadableStreamDefaultReader(stream);
    while (true) {
      const { value, done } = await reader.read();
      if (done) return;
      if (!await op_eyot_body_write(run.id, bytesOf(value))) {
        await reader.cancel(new TypeError("The client has left."));
        return;
      }
    }
  }

  function bytesOf(chunk) {
    if (ArrayBufferIsView(chunk) || isAnyArrayBuffer(chunk)) return chunk;
    if (typeof chunk === "string") return core.encode(chunk);
    throw new TypeError("A response body's stream gave a chunk that is neither bytes nor a string.");
  }

  return { send };
})()
