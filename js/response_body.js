// Response bodies that stream: sent at the pace of the client, until they end or the client has left.
//
// A stream that the host holds itself (the answer to a `fetch`, an upload, a cached response) and that nobody has read from
// goes its way without JavaScript (so does such a body that is no stream yet: passed_body.js); any other one is read here.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    Promise,
    PromisePrototypeThen,
    TypeError,
    TypedArrayPrototypeGetSymbolToStringTag,
    Uint8Array,
  } = primordials;
  const { op_eyot_body_end, op_eyot_body_offer, op_eyot_body_pipe, op_eyot_body_write } = core.ops;
  const { loadExtScript } = core;
  const { bytesOf } = loadExtScript("ext:eyot/content_coding.js");
  const { describe, release, reportUncaught, running } = loadExtScript("ext:eyot/dispatch.js");
  const {
    acquireReadableStreamDefaultReader,
    getReadableStreamResourceBacking,
    readableStreamCancel,
    readableStreamDefaultReaderRead,
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

  // What became of a chunk that was offered, as the host says it.
  const TAKEN = 0, TAKEN_LAST = 1, REFUSED = 2;
  const NOTHING = new Uint8Array(0);

  /** Writes chunks for as long as there are some and there is room, without a promise or a turn of the event loop for each. */
  function pump(run, stream) {
    return new Promise((resolve, reject) => {
      const reader = acquireReadableStreamDefaultReader(stream);
      let reading = false, more = false;
      const onward = (isTaken) => {
        if (isTaken) read();
        else leave();
      };
      const request = {
        __proto__: null,
        // Called inside of `read`, or by whoever feeds the stream, who must not hear of what goes wrong here.
        chunkSteps(chunk) {
          try {
            const bytes = bytesOf(chunk);
            const isPlain = TypedArrayPrototypeGetSymbolToStringTag(bytes) === "Uint8Array";
            const offered = isPlain ? op_eyot_body_offer(run.id, bytes) : REFUSED;
            if (offered === TAKEN) {
              if (reading) more = true;
              else read();
            } else if (offered === TAKEN_LAST || offered === REFUSED) {
              const rest = offered === REFUSED ? bytes : NOTHING;
              PromisePrototypeThen(op_eyot_body_write(run.id, rest), onward, reject);
            } else leave();
          } catch (error) {
            reject(error);
          }
        },
        closeSteps: () => resolve(),
        errorSteps: (error) => reject(error),
      };
      function read() {
        reading = true;
        do {
          more = false;
          readableStreamDefaultReaderRead(reader, request);
        } while (more);
        reading = false;
      }
      function leave() {
        PromisePrototypeThen(readableStreamCancel(stream, new TypeError("The client has left.")), resolve, reject);
      }
      read();
    });
  }

  return { send };
})()
