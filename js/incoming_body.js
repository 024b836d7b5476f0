// Incoming bodies: a request's body, which is no stream until somebody looks at it as one.
//
// Most scripts read all of it at once, as text or JSON. For those neither a stream is made nor streams loaded.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectSetPrototypeOf, TypeError, Uint8Array } = primordials;
  const { op_eyot_read_all, op_eyot_read_text } = core.ops;
  const { loadExtScript } = core;
  const { InnerBody } = loadExtScript("ext:deno_fetch/22_body.js");
  const { readableStreamForRid } = loadExtScript("ext:eyot/stream_parts.js");

  /** What its reader is made of: a string where that is text. */
  async function readAll(rid, type) {
    try {
      const isText = type === "text" || type === "JSON";
      return { __proto__: null, bytes: await (isText ? op_eyot_read_text(rid) : op_eyot_read_all(rid)) };
    } finally {
      core.tryClose(rid);
    }
  }

  /** An inner body, of the host's resource `rid`. */
  class IncomingBody {
    #rid;
    // What every other inner body is from the start.
    #content = null;
    #isOver = false;

    constructor(rid) {
      this.#rid = rid;
      this.source = null;
      this.length = null;
    }

    get streamOrStatic() {
      return this.#content ??= readableStreamForRid(this.#rid);
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
      if (this.#isOver) throw new TypeError("Can't read from request stream after response has been sent.");
      this.#content = { body: new Uint8Array(), consumed: true };
      return readAll(this.#rid, type);
    }

    /** Its run is over: what has not been read is read no more. */
    end() {
      if (this.#content !== null || this.#isOver) return;
      this.#isOver = true;
      core.tryClose(this.#rid);
    }
  }
  ObjectSetPrototypeOf(IncomingBody.prototype, InnerBody.prototype);

  return { IncomingBody };
})()
