// HTMLRewriter: https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/, over lol_html in the host.
//
// The document streams through: the host stops at each unit that a handler wants, the handler runs, asynchronous or not,
// and the host goes on. Nothing is parsed ahead of what is read from the result by more than one piece.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayPrototypePush,
    ObjectPrototypeIsPrototypeOf,
    Promise,
    PromisePrototypeThen,
    ReflectApply,
    RegExpPrototypeExec,
    SafeMap,
    SafeRegExp,
    StringPrototypeToLowerCase,
    TypeError,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_html_begin,
    op_eyot_html_check,
    op_eyot_html_close,
    op_eyot_html_forgotten,
    op_eyot_html_piece_bytes,
    op_eyot_html_sink,
    op_eyot_html_step,
    op_eyot_html_take,
    op_eyot_html_waiting,
    op_eyot_html_write,
  } = core.ops;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { ResponsePrototype, toInnerResponse } = loadExtScript("ext:deno_fetch/23_response.js");
  const { Response, asItIs } = loadExtScript("ext:eyot/response.js");
  const {
    ReadableStream,
    acquireReadableStreamDefaultReader,
    readableByteStreamControllerClose,
    readableByteStreamControllerEnqueue,
    readableByteStreamControllerError,
    readableStreamDisturb,
  } = loadExtScript("ext:deno_web/06_streams.js");
  const { Comment, Doctype, DocumentEnd, Element, Text, makeUnit } = loadExtScript("ext:eyot/html_units.js");

  const WANTS_MORE = -1;
  const ENDED = -2;
  // What may wait to be read while handlers run, before the parser waits for the reader.
  const WAITING_BYTES_MAX = 65536;
  const CHARSET = new SafeRegExp(/;[\t ]*charset=(?:"([^"]*)"|([^;\t ]*))/i);

  const ELEMENT_HANDLERS = [["element", Element], ["comments", Comment], ["text", Text]];
  const DOCUMENT_HANDLERS = [["doctype", Doctype], ["comments", Comment], ["text", Text], ["end", DocumentEnd]];

  class HTMLRewriter {
    /** What the host is asked for, and what is to be called, by number. */
    #asked = [];
    #calls = [];

    on(selector, handlers) {
      webidl.requiredArguments(arguments.length, 2, "Failed to execute 'on' on 'HTMLRewriter'");
      const text = `${selector}`;
      const found = this.#find(handlers, ELEMENT_HANDLERS, "on");
      op_eyot_html_check(text);
      this.#add(text, handlers, found);
      return this;
    }

    onDocument(handlers) {
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'onDocument' on 'HTMLRewriter'");
      this.#add(null, handlers, this.#find(handlers, DOCUMENT_HANDLERS, "onDocument"));
      return this;
    }

    #find(handlers, kinds, method) {
      if (handlers === null) return [];
      if (typeof handlers !== "object" && typeof handlers !== "function") {
        throw new TypeError(`Failed to execute '${method}' on 'HTMLRewriter': the handlers are not an object.`);
      }
      const found = [];
      for (let i = 0; i < kinds.length; i++) {
        const { 0: name, 1: Kind } = kinds[i];
        const handler = handlers[name];
        if (handler === undefined) continue;
        if (typeof handler !== "function") {
          throw new TypeError(`Failed to execute '${method}' on 'HTMLRewriter': the handler '${name}' is not a function.`);
        }
        ArrayPrototypePush(found, { __proto__: null, name, handler, Kind });
      }
      return found;
    }

    #add(selector, handlers, found) {
      const asked = { selector, element: null, comments: null, text: null, doctype: null, end: null };
      for (let i = 0; i < found.length; i++) {
        const { name, handler, Kind } = found[i];
        asked[name] = this.#calls.length;
        ArrayPrototypePush(this.#calls, { __proto__: null, handler, self: handlers, Kind });
      }
      ArrayPrototypePush(this.#asked, asked);
    }

    transform(response) {
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'transform' on 'HTMLRewriter'");
      if (typeof response !== "object" || !ObjectPrototypeIsPrototypeOf(ResponsePrototype, response)) {
        throw new TypeError("Failed to execute 'transform' on 'HTMLRewriter': parameter 1 is not of type 'Response'.");
      }
      const inner = toInnerResponse(response);
      const { body } = inner;
      if (body === null) return response;
      if (body.unusable()) {
        throw new TypeError(
          "Body has already been used. It can only be used once. Use tee() first if you need to read it twice.",
        );
      }
      const parser = op_eyot_html_begin(this.#asked, charset(inner.headerList));
      const rewriting = new Rewriting(parser, this.#calls, body.stream);
      const init = { __proto__: null, status: inner.status, statusText: inner.statusMessage };
      const rewritten = new Response(rewriting.start(), init);
      if (inner.isEncoded === true) asItIs(rewritten);
      const { headerList } = toInnerResponse(rewritten);
      for (let i = 0; i < inner.headerList.length; i++) {
        const { 0: name, 1: value } = inner.headerList[i];
        if (StringPrototypeToLowerCase(name) !== "content-length") ArrayPrototypePush(headerList, [name, value]);
      }
      return rewritten;
    }
  }
  webidl.configureInterface(HTMLRewriter);
  loadExtScript("ext:eyot/structured_clone.js").markNotSerializable(HTMLRewriter.prototype);

  /** The encoding that the headers say the document has. */
  function charset(headerList) {
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) !== "content-type") continue;
      const found = RegExpPrototypeExec(CHARSET, headerList[i][1]);
      if (found !== null) return found[1] ?? found[2];
    }
    return "utf-8";
  }

  /** One document on its way through the parser. */
  class Rewriting {
    /** The unit whose handler runs; `html_units.js` looks here. */
    unit = null;
    parser;
    #calls;
    #reader;
    /** What the parser holds of the script's by number: handlers of end tags, and streams. */
    #expected = new SafeMap();
    #next;
    #controller = null;
    /** Somebody has asked for more since this was last cleared. */
    #wanted = false;
    #wake = null;
    #left = false;

    constructor(parser, calls, source) {
      this.parser = parser;
      this.#calls = [];
      for (let i = 0; i < calls.length; i++) ArrayPrototypePush(this.#calls, calls[i]);
      this.#next = calls.length;
      this.#reader = acquireReadableStreamDefaultReader(source);
      readableStreamDisturb(source);
    }

    /** A number for something the parser will ask for. */
    expect(thing) {
      const number = this.#next++;
      this.#expected.set(number, thing);
      return number;
    }

    /** Begins, and gives the stream of the rewritten document. */
    start() {
      const stream = new ReadableStream({
        __proto__: null,
        type: "bytes",
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#wanted = true;
          this.#wake?.();
        },
        cancel: (reason) => {
          this.#leave(reason);
        },
      });
      PromisePrototypeThen(this.#run(), undefined, (error) => {
        if (this.#left) return;
        this.#leave(error);
        readableByteStreamControllerError(this.#controller, error);
      });
      return stream;
    }

    async #run() {
      const pieceBytes = op_eyot_html_piece_bytes(this.parser);
      while (!this.#left) {
        const { value, done } = await this.#reader.read();
        if (this.#left) return;
        if (done) break;
        const bytes = bytesOf(value);
        const length = TypedArrayPrototypeGetByteLength(bytes);
        for (let at = 0; at < length && !this.#left; at += pieceBytes) {
          await this.#handle(op_eyot_html_write(this.parser, TypedArrayPrototypeSubarray(bytes, at, at + pieceBytes)));
          await this.#flush(1);
          this.#forget();
        }
      }
      if (this.#left) return;
      await this.#handle(op_eyot_html_step(this.parser, true));
      await this.#flush(1);
      if (this.#left) return;
      this.#forget();
      op_eyot_html_close(this.parser);
      this.#left = true;
      readableByteStreamControllerClose(this.#controller);
      // A reader with a buffer of its own waits for this answer.
      this.#controller.byobRequest?.respond(0);
    }

    /** Runs the handlers and reads the streams that a step leads to. */
    async #handle(next) {
      while (next !== WANTS_MORE && next !== ENDED) {
        const wanted = this.#calls[next] ?? this.#expected.get(next);
        if (wanted.reader !== undefined) {
          await this.#pour(wanted);
        } else {
          this.unit = makeUnit(wanted.Kind, this);
          const result = ReflectApply(wanted.handler, wanted.self, [this.unit]);
          if ((typeof result === "object" && result !== null) || typeof result === "function") await result;
          this.unit = null;
        }
        if (this.#left) return;
        next = op_eyot_html_step(this.parser, false);
        if (op_eyot_html_waiting(this.parser) > WAITING_BYTES_MAX) await this.#flush(WAITING_BYTES_MAX);
        if (this.#left) return;
      }
    }

    /** Puts a stream into the document, at the pace of who reads the result. */
    async #pour({ reader, html }) {
      while (true) {
        const { value, done } = await reader.read();
        if (done || this.#left) return;
        const bytes = bytesOf(value);
        const length = TypedArrayPrototypeGetByteLength(bytes);
        for (let at = 0; at < length; at += WAITING_BYTES_MAX) {
          op_eyot_html_sink(this.parser, TypedArrayPrototypeSubarray(bytes, at, at + WAITING_BYTES_MAX), html);
          await this.#flush(1);
          if (this.#left) return;
        }
      }
    }

    /** Hands on what has been written, when it is that much, and waits until it is wanted. */
    async #flush(least) {
      const waiting = this.#left ? 0 : op_eyot_html_waiting(this.parser);
      if (waiting < least) return;
      const output = new Uint8Array(waiting);
      op_eyot_html_take(this.parser, output);
      this.#wanted = false;
      readableByteStreamControllerEnqueue(this.#controller, output);
      if (this.#wanted) return;
      await new Promise((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }

    /** Lets go of what the parser will not ask for again. */
    #forget() {
      if (this.#left || this.#expected.size === 0) return;
      for (let number = op_eyot_html_forgotten(this.parser); number >= 0; number = op_eyot_html_forgotten(this.parser)) {
        const thing = this.#expected.get(number);
        this.#expected.delete(number);
        if (thing?.reader !== undefined) giveUp(thing.reader, undefined);
      }
    }

    /** Gives up: the reader has left, or something failed. */
    #leave(reason) {
      if (this.#left) return;
      this.#left = true;
      this.unit = null;
      op_eyot_html_close(this.parser);
      this.#wake?.();
      giveUp(this.#reader, reason);
      this.#expected.forEach((thing) => {
        if (thing.reader !== undefined) giveUp(thing.reader, reason);
      });
      this.#expected.clear();
    }
  }

  function giveUp(reader, reason) {
    PromisePrototypeThen(reader.cancel(reason), undefined, () => {});
  }

  function bytesOf(chunk) {
    if (typeof chunk === "string") return core.encode(chunk);
    if (isAnyArrayBuffer(chunk)) return new Uint8Array(chunk);
    if (ArrayBufferIsView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    throw new TypeError("HTMLRewriter: a stream gave a chunk that is neither bytes nor a string.");
  }

  return { HTMLRewriter };
})()
