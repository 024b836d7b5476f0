// The called side of a method call: its result, and the session that goes on while anything of it is held.
(function () {
  const { core, primordials } = __bootstrap;
  const { TypeError } = primordials;
  const { op_eyot_body_end, op_eyot_body_write, op_eyot_respond, op_eyot_respond_stream } = core.ops;
  const { loadExtScript } = core;
  const { describe, env, hold, release, running } = loadExtScript("ext:eyot/dispatch.js");
  const { ExecutionContext, target } = running;
  const { invoke } = loadExtScript("ext:eyot/entrypoints.js");
  const { Messages, RESULT, Session, inOrder } = loadExtScript("ext:eyot/rpc.js");

  /** The answer: a stream from the first message on, when the result is not all there is. */
  class Lines {
    began = false;
    failure = null;
    #out;
    #rid;
    #run;
    #session;

    constructor(run, rid) {
      this.#run = run;
      this.#rid = rid;
      this.#out = inOrder((frame) => op_eyot_body_write(run.id, frame), () => this.#session.end());
    }

    open() {
      return this.#session = new Session(this.#run, this);
    }

    /** What the method asks of its caller comes before its result: the answer begins with it. */
    write(frame) {
      if (!this.began) {
        this.began = true;
        hold(this.#run);
        op_eyot_respond_stream(this.#run.id, 200, "", -1, true);
      }
      this.#out.write(frame);
    }

    close() {
      core.tryClose(this.#rid);
      if (!this.began) return;
      this.#out.after(() => {
        op_eyot_body_end(this.#run.id, this.failure);
        release(this.#run);
      });
    }
  }

  async function answer(run, method, rid) {
    const lines = new Lines(run, rid);
    const session = lines.open();
    const messages = new Messages(rid);
    try {
      const bytes = await messages.next();
      if (bytes === null) throw new TypeError("The caller has left.");
      const given = session.unpack(bytes);
      // What the caller's functions answer comes while the method runs. Nothing is waited for where there are none: a
      // method that can never answer is found out by that.
      if (given.references > 0) session.run(messages);
      const result = await invoke(target(run), method, given.value, env, () => new ExecutionContext(run));
      const packed = session.pack([RESULT, 0], result, true);
      // What came with the arguments is let go of with the answer, unless it was duplicated.
      const tell = session.letGoOf(given.stubs);
      if (!lines.began && packed.references === 0 && !session.held) {
        op_eyot_respond(run.id, 200, "", packed.frame);
        session.end();
        return;
      }
      session.sendPacked(packed);
      tell();
      session.answered = true;
      if (given.references === 0) session.run(messages);
      session.check();
    } catch (error) {
      if (lines.began) {
        lines.failure = describe(error);
        session.fail(0, error);
      }
      session.end();
      throw error;
    }
  }

  return { answer };
})()
