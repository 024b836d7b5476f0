// Incoming bodies: those of requests and of answers, which are no streams until somebody looks at them as such.
//
// Most scripts read all of one at once, as text or JSON, or pass it on. For those neither a stream is made nor streams loaded.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, ObjectSetPrototypeOf, SafeSet, SetPrototypeAdd, SetPrototypeDelete, TypeError, Uint8Array } = primordials;
  const { op_eyot_body_length, op_eyot_read_all, op_eyot_read_text } = core.ops;
  const { loadExtScript } = core;
  const { InnerBody } = loadExtScript("ext:deno_fetch/22_body.js");
  const { add } = loadExtScript("ext:deno_web/03_abort_signal.js");
  const { announceLength } = loadExtScript("ext:eyot/lengths.js");
  const { createReadableByteStream, errorReadableStream, readableStreamForRid } = loadExtScript(
    "ext:eyot/stream_parts.js",
  );
  const { currentRun } = loadExtScript("ext:eyot/runs.js");

  // What is said of a body whose run is over, in Workers' words.
  const requestIsOver = () => new TypeError("Can't read from request stream after response has been sent.");
  const isAnothers = () =>
    new Error(
      "Cannot perform I/O on behalf of a different request. I/O objects (such as streams, request/response bodies, and others) created in the context of one request handler cannot be accessed from a different request's handler.",
    );

  /** What was read; no promise that it settles finds a `then` of a script's. */
  class Read {
    constructor(bytes) {
      this.bytes = bytes;
    }
  }
  ObjectSetPrototypeOf(Read.prototype, null);

  function brokenStream(reason) {
    const stream = createReadableByteStream(() => {}, () => {}, () => {});
    errorReadableStream(stream, reason);
    return stream;
  }

  /** A stream that may become the body of another message of the same length. */
  function streamOf(rid, length) {
    const stream = readableStreamForRid(rid);
    if (length !== null) announceLength(stream, length);
    return stream;
  }

  /** An inner body, of the host's resource `rid`. */
  class IncomingBody {
    #rid;
    #lateError;
    // What every other inner body is from the start.
    #content = null;
    #stream = null;
    #isOver = false;
    // Asked for when somebody wants it: undefined before, null where it is not known.
    #length = undefined;
    // Where it stands as long as nobody has seen it, for its run to end it.
    #among = null;
    // Whoever has taken it gives this as the reason when it breaks off.
    #broken = null;

    constructor(rid, lateError = requestIsOver) {
      this.#rid = rid;
      this.#lateError = lateError;
      this.source = null;
    }

    get length() {
      if (this.#length === undefined) {
        const length = op_eyot_body_length(this.#rid);
        this.#length = length === -1 ? null : length;
      }
      return this.#length;
    }

    set length(length) {
      this.#length = length;
    }

    get streamOrStatic() {
      if (this.#content === null) {
        if (this.#isOver) this.#content = brokenStream(this.#lateError());
        else this.#content = this.#stream = streamOf(this.#rid, this.length);
        this.#leave();
      }
      return this.#content;
    }

    set streamOrStatic(content) {
      this.#content = content;
    }

    unusable() {
      return this.#content !== null && super.unusable();
    }

    consumed() {
      return this.#content !== null && super.consumed();
    }

    consume(type) {
      if (this.#content !== null) return super.consume();
      if (this.#isOver) throw this.#lateError();
      return this.#read(type);
    }

    /** All of it: a string where it is to be text. */
    async #read(type) {
      const rid = take(this);
      try {
        const isText = type === "text" || type === "JSON";
        return new Read(await (isText ? op_eyot_read_text(rid) : op_eyot_read_all(rid)));
      } catch (error) {
        throw this.#broken === null ? error : this.#broken.reason;
      } finally {
        core.tryClose(rid);
      }
    }

    /** It breaks off: whoever reads it is told why. */
    error(reason) {
      if (isUntouched(this)) this.#content = brokenStream(reason);
      // Not `#content`: of a clone, that is one branch of two.
      else if (this.#stream !== null) errorReadableStream(this.#stream, reason);
      else this.#broken = { reason };
      core.tryClose(this.#rid);
    }

    cancel(reason) {
      if (isUntouched(this)) core.tryClose(take(this));
      else super.cancel(reason);
    }

    /** The same body for another request, of which this one is no more. */
    createProxy() {
      if (!isUntouched(this)) return super.createProxy();
      const { length } = this;
      const proxy = new IncomingBody(take(this), this.#lateError);
      proxy.length = length;
      proxy.endWithRun();
      return proxy;
    }

    /** To be ended with the run that asks for it now. */
    endWithRun() {
      const run = currentRun();
      if (run === undefined || run.over) {
        this.end();
      } else {
        this.#among = run.bodies ??= new SafeSet();
        SetPrototypeAdd(this.#among, this);
      }
    }

    #leave() {
      if (this.#among !== null) SetPrototypeDelete(this.#among, this);
      this.#among = null;
    }

    /** Its run is over: what has not been read is read no more. */
    end() {
      if (!isUntouched(this)) return;
      this.#isOver = true;
      core.tryClose(this.#rid);
    }

    static isUntouched(body) {
      return #rid in body && body.#content === null && !body.#isOver;
    }

    static take(body) {
      body.#content = { body: new Uint8Array(), consumed: true };
      body.#leave();
      return body.#rid;
    }

    static ridOf(body) {
      return body.#rid;
    }
  }
  ObjectSetPrototypeOf(IncomingBody.prototype, InnerBody.prototype);
  // Whoever has one of them cannot make one of another resource.
  delete IncomingBody.prototype.constructor;
  /** Whether an inner body is one of these of which nobody has seen anything. */
  const { isUntouched } = IncomingBody;
  /** The resource of an untouched one, which is then read to its end or closed elsewhere. */
  const { take } = IncomingBody;
  /** The resource of an untouched one, which stays so. */
  const { ridOf } = IncomingBody;
  delete IncomingBody.isUntouched;
  delete IncomingBody.take;
  delete IncomingBody.ridOf;

  /** The body of an answer that the current run has asked for: ends with the run, and when it is aborted by a signal. */
  function answerBody(rid, signal = undefined) {
    const body = new IncomingBody(rid, isAnothers);
    body.endWithRun();
    signal?.[add](() => body.error(signal.reason));
    return body;
  }

  return { IncomingBody, answerBody, isUntouched, ridOf, take };
})()
