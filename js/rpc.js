// RPC sessions: what two runs say to each other while one holds references into the other.
//
// A method call is a request whose body is a row of messages, and so is its answer; each is its length in four bytes and
// a packed value (rpc_values.js). Message 0 of the caller has the arguments, result 0 of the called side answers it. The
// session ends when the called side has answered and nothing of either is held there any more, when the caller's run
// ends, or with either isolate. What waits to be sent lies in this isolate's memory.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    Error,
    MapPrototypeForEach,
    MathMax,
    ObjectDefineProperty,
    ObjectHasOwn,
    Promise,
    PromisePrototypeThen,
    PromiseReject,
    PromiseResolve,
    RangeError,
    ReflectApply,
    SafeMap,
    SafeSet,
    SetPrototypeForEach,
    StringPrototypeSlice,
    SymbolDispose,
    TypeError,
    TypedArrayPrototypeSet,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const { loadExtScript } = core;
  const { currentRun, outsideRun } = loadExtScript("ext:eyot/dispatch.js");
  const { MESSAGE_BYTES_MAX, pack, unpack } = loadExtScript("ext:eyot/rpc_values.js");
  const { disposeStub, duplicate, isForeign, isReferred, isStub, stub } = loadExtScript("ext:eyot/rpc_stubs.js");
  const { importReadable, importWritable, letGo, reach } = loadExtScript("ext:eyot/rpc_streams.js");
  const { follow } = loadExtScript("ext:eyot/entrypoints.js");
  const { describeParts } = loadExtScript("ext:eyot/thrown.js");
  const { revive } = loadExtScript("ext:eyot/revived.js");

  const CALL = 0;
  const RESULT = 1;
  const FAILURE = 2;
  const RELEASE = 3;
  const EXPORTS_MAX = 10_000;
  const READ_BYTES = 4 << 10;

  const broken = () => new Error("The RPC session has ended: the other side, or the request it belongs to, is gone.");
  const tooMany = () => new RangeError(`More than ${EXPORTS_MAX} functions, stubs and streams in one session are not supported.`);

  /** The messages of a resource. */
  class Messages {
    #rid;
    #held = new Uint8Array(READ_BYTES);
    #start = 0;
    #end = 0;

    constructor(rid) {
      this.#rid = rid;
    }

    /** The next one, or null at the end. It is overwritten by the one after it. */
    async next() {
      if (!await this.#fill(4)) return null;
      const at = this.#start;
      const held = this.#held;
      const length = held[at] + held[at + 1] * 256 + held[at + 2] * 65536 + held[at + 3] * 16777216;
      if (length > MESSAGE_BYTES_MAX) throw new RangeError("A message is larger than 32 MiB.");
      this.#start += 4;
      if (!await this.#fill(length)) return null;
      const message = TypedArrayPrototypeSubarray(this.#held, this.#start, this.#start + length);
      this.#start += length;
      return message;
    }

    /** Reads until so many bytes are there. */
    async #fill(bytes) {
      const have = this.#end - this.#start;
      if (have >= bytes) return true;
      const rest = TypedArrayPrototypeSubarray(this.#held, this.#start, this.#end);
      // What was given out of the old one may still be looked at.
      const held = new Uint8Array(MathMax(bytes, READ_BYTES));
      TypedArrayPrototypeSet(held, rest);
      this.#held = held;
      this.#start = 0;
      this.#end = have;
      while (this.#end < bytes) {
        const read = await core.read(this.#rid, TypedArrayPrototypeSubarray(held, this.#end));
        if (read === 0) return false;
        this.#end += read;
      }
      return true;
    }
  }

  /** Sends messages one after the other; `write` gives false when nobody takes them any more. */
  function inOrder(write, broke) {
    let last = PromiseResolve(true);
    const failed = () => {
      broke();
      return false;
    };
    return {
      __proto__: null,
      write(frame) {
        last = PromisePrototypeThen(last, (open) => open && write(frame));
        last = PromisePrototypeThen(last, (open) => open || failed(), failed);
      },
      /** Calls back when all was sent. */
      after: (callback) => PromisePrototypeThen(last, callback),
    };
  }

  class Session {
    #calls = new SafeMap();
    #exports = new SafeMap();
    #imports = 0;
    #lastCall = 0;
    #lastExport = 0;
    #lines;
    #run;
    #serving = 0;
    #unsaid = null;

    /** The called side has answered: it ends the session when nothing holds it any more. */
    answered = false;
    /** Whether it has ended. */
    over = false;

    /** `lines.write(frame)` sends a message, `lines.close()` is called once, at the end. */
    constructor(run, lines) {
      this.#run = run;
      this.#lines = lines;
      run.sessions ??= new SafeSet();
      run.sessions.add(this);
    }

    /** Something of either side is held by the other, or waited for. */
    get held() {
      return this.#exports.size > 0 || this.#imports > 0 || this.#calls.size > 0 || this.#serving > 0;
    }

    /** A message of our own; stubs in it are given away when it is a result. */
    pack(head, value, isResult) {
      const given = [];
      const exported = [];
      try {
        const packed = pack(head, value, (original, kind) => {
          if (isResult && isStub(original)) ArrayPrototypePush(given, original);
          const number = this.#export(original, kind);
          ArrayPrototypePush(exported, number);
          return number;
        });
        for (let i = 0; i < given.length; i++) disposeStub(given[i]);
        return packed;
      } catch (error) {
        for (let i = 0; i < exported.length; i++) this.#release(exported[i]);
        throw error;
      }
    }

    /** A message of the other side's; `stubs` are those in it. */
    unpack(bytes) {
      const stubs = [];
      const unpacked = unpack(bytes, (number, kind) => this.#import(number, kind, stubs));
      unpacked.stubs = stubs;
      return unpacked;
    }

    send(head, value, isResult) {
      if (this.over) throw broken();
      this.#lines.write(this.pack(head, value, isResult).frame);
    }

    /** Sends what `pack` made. */
    sendPacked({ frame }) {
      if (!this.over) this.#lines.write(frame);
    }

    /** Waits for the answer to message 0. */
    opening() {
      return new Promise((resolve, reject) => this.#calls.set(0, { __proto__: null, resolve, reject }));
    }

    /** Calls what the other side has exported under a number, or reads a property of it when `args` is null. */
    call(number, path, args) {
      if (this.over || this.#run.over) return PromiseReject(broken());
      if (currentRun() !== this.#run) {
        return PromiseReject(new Error("Cannot perform I/O on behalf of a different request: a stub is of the request that it came to."));
      }
      return new Promise((resolve, reject) => {
        const call = ++this.#lastCall;
        this.send([CALL, call, number, path, args !== null], args ?? [], false);
        this.#calls.set(call, { __proto__: null, resolve, reject });
      });
    }

    /** Takes messages until there are none. */
    async run(messages) {
      try {
        while (!this.over) {
          const bytes = await messages.next();
          if (bytes === null) break;
          this.take(bytes);
        }
      } catch {
        // Whoever waits is told that the session is over.
      }
      this.end();
    }

    take(bytes) {
      const { head, value, stubs } = this.unpack(bytes);
      const { 0: kind, 1: number, 2: target, 3: path, 4: isCall } = head;
      if (kind === CALL) {
        this.#serving++;
        PromisePrototypeThen(this.#serve(number, target, path, isCall, value, stubs), () => {
          this.#serving--;
          this.check();
        });
      } else if (kind === RELEASE) {
        this.#release(number);
      } else {
        const waiting = this.#calls.get(number);
        this.#calls.delete(number);
        if (kind === RESULT) waiting?.resolve(disposable(value, stubs));
        else waiting?.reject(revive(value[0], value[1]));
      }
      this.check();
    }

    async #serve(call, number, path, isCall, args, stubs) {
      try {
        const entry = this.#exports.get(number);
        if (entry === undefined) throw new TypeError("The stub has been disposed.");
        const result = await serve(entry, path, isCall, args);
        if (!this.over) this.send([RESULT, call], result, true);
      } catch (error) {
        this.fail(call, error);
      }
      disposeAll(stubs);
    }

    fail(call, error) {
      if (this.over) return;
      const { name, message } = describeParts(error);
      this.send([FAILURE, call], [cut(name), cut(message)], false);
    }

    #export(value, kind) {
      if (this.#exports.size >= EXPORTS_MAX) throw tooMany();
      const entry = { __proto__: null, value: isStub(value) ? duplicate(value) : value, kind, reader: reach(value, kind) };
      this.#exports.set(++this.#lastExport, entry);
      return this.#lastExport;
    }

    /** Exports one thing and gives its number. */
    export(value) {
      return this.#export(value, "call");
    }

    #release(number) {
      const entry = this.#exports.get(number);
      if (entry === undefined) return;
      this.#exports.delete(number);
      disposeOf(entry);
    }

    #import(number, kind, stubs) {
      if (this.#imports >= EXPORTS_MAX) throw tooMany();
      this.#imports++;
      if (kind === "writable") return importWritable(this, number);
      if (kind === "readable" || kind === "bytes") return importReadable(this, number, kind === "bytes");
      const made = stub(this, number);
      ArrayPrototypePush(stubs, made);
      return made;
    }

    /** What stands for number `number` of the other side. */
    import(number) {
      return this.#import(number, "call", []);
    }

    /** Tells the other side that something of it is not used any more. */
    release(number) {
      if (this.over) return;
      this.#imports--;
      if (this.#unsaid !== null) ArrayPrototypePush(this.#unsaid, number);
      else this.send([RELEASE, number], null, false);
      this.check();
    }

    /** Lets go of stubs that came with a call; the other side is told by the function that is given back. */
    letGoOf(stubs) {
      const unsaid = this.#unsaid = [];
      disposeAll(stubs);
      this.#unsaid = null;
      return () => {
        for (let i = 0; i < unsaid.length; i++) this.send([RELEASE, unsaid[i]], null, false);
      };
    }

    /** Ends the session when its time has come. */
    check() {
      if (this.answered && !this.held) this.end();
    }

    end() {
      if (this.over) return;
      const calls = this.#calls;
      const exported = this.#exports;
      this.abandon();
      MapPrototypeForEach(calls, (waiting) => waiting.reject(broken()));
      MapPrototypeForEach(exported, disposeOf);
    }

    /** Ends it with its run: nobody is called any more. */
    abandon() {
      this.over = true;
      this.#run.sessions.delete(this);
      this.#calls = new SafeMap();
      this.#exports = new SafeMap();
      this.#lines.close();
    }
  }

  /** Does with an exported value what the other side asks for. */
  async function serve({ kind, reader, value }, path, isCall, args) {
    if (kind !== "call") return await reader(path[0], args);
    if (!isForeign(value)) return await follow(value, path, isCall ? args : null);
    let at = value;
    for (let i = 0; i < path.length; i++) at = at[path[i]];
    return isCall ? await ReflectApply(at, undefined, args) : await at;
  }

  function disposeOf({ kind, reader, value }) {
    try {
      if (kind === "call") value[SymbolDispose]?.();
      else letGo(reader, broken());
    } catch {
      // Nobody waits for it.
    }
  }

  function disposeAll(stubs) {
    for (let i = 0; i < stubs.length; i++) disposeStub(stubs[i]);
  }

  /** An object that a call gave: the stubs in it can be given up together. */
  function disposable(value, stubs) {
    if (typeof value !== "object" || value === null || ObjectHasOwn(value, SymbolDispose)) return value;
    const dispose = () => disposeAll(stubs);
    ObjectDefineProperty(value, SymbolDispose, { __proto__: null, value: dispose, writable: true, enumerable: false, configurable: true });
    return value;
  }

  /** Characters of an error's name or message. */
  const cut = (text) => text.length > 8192 ? StringPrototypeSlice(text, 0, 8192) : text;

  /** A stub of something of this script's own: two sessions that talk to each other. */
  function localStub(value) {
    const run = currentRun();
    if (run === undefined) throw outsideRun();
    if (!isReferred(value)) throw new TypeError("An RpcStub is made of a function or of an instance of RpcTarget.");
    const sides = { __proto__: null, here: null, there: null };
    const lines = (other) => ({
      __proto__: null,
      write: (frame) =>
        PromisePrototypeThen(PromiseResolve(), () => {
          const session = sides[other];
          if (!session.over) session.take(TypedArrayPrototypeSubarray(frame, 4));
        }),
      close: () => PromisePrototypeThen(PromiseResolve(), () => sides[other].end()),
    });
    sides.here = new Session(run, lines("there"));
    sides.there = new Session(run, lines("here"));
    sides.there.answered = true;
    return sides.here.import(sides.there.export(value));
  }

  /** Ends the sessions of a run that is over. */
  function abandonAll(run) {
    SetPrototypeForEach(run.sessions, (session) => session.abandon());
  }

  return { Messages, RESULT, Session, abandonAll, inOrder, localStub };
})()
