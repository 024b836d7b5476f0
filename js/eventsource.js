// EventSource: https://html.spec.whatwg.org/multipage/server-sent-events.html, and what Workers add: `EventSource.from`.
//
// It asks through `fetch` or the binding it is given, so that each connection is a subrequest of the run that opened it,
// under its egress policy and its count. It tries again by the run's own timers, which end with the run.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayPrototypeJoin,
    ArrayPrototypePush,
    MathMax,
    MathMin,
    Number,
    ObjectDefineProperties,
    ObjectPrototypeIsPrototypeOf,
    PromisePrototypeThen,
    RegExpPrototypeExec,
    SafeRegExp,
    StringFromCharCode,
    StringPrototypeCharCodeAt,
    StringPrototypeIncludes,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeSplit,
    StringPrototypeToLowerCase,
    StringPrototypeTrim,
    TypeError,
    Uint8Array,
  } = primordials;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { Event, EventTarget, defineEventHandler, setIsTrusted } = loadExtScript("ext:deno_web/02_event.js");
  const { amendAccessor } = loadExtScript("ext:eyot/shapes.js");
  // Deno's cannot be made any more once a script has looked at any of these.
  const { MessageEvent } = loadExtScript("ext:eyot/shapes.js");
  const { DOMException } = loadExtScript("ext:deno_web/01_dom_exception.js");
  const { URL } = loadExtScript("ext:deno_web/00_url.js");
  const { ReadableStreamPrototype, acquireReadableStreamDefaultReader } = loadExtScript("ext:deno_web/06_streams.js");
  const { TextDecoder } = loadExtScript("ext:deno_web/08_text_encoding.js");
  const { Request } = loadExtScript("ext:deno_fetch/23_request.js");
  const { toInnerResponse } = loadExtScript("ext:deno_fetch/23_response.js");
  const { AbortController } = loadExtScript("ext:deno_web/03_abort_signal.js");
  const { fetch } = loadExtScript("ext:eyot/fetch.js");
  const { clearTimeout } = loadExtScript("ext:deno_web/02_timers.js");
  const { setTimeout } = loadExtScript("ext:eyot/timers.js");

  const CONNECTING = 0;
  const OPEN = 1;
  const CLOSED = 2;
  const RETRY_MS = 2000;
  const RETRY_MS_MAX = 600_000;
  const DIGITS = new SafeRegExp(/^[0-9]+$/);
  const kStream = {};

  class EventSource extends EventTarget {
    #url = null;
    #fetcher = null;
    #readyState = CONNECTING;
    #controller = new AbortController();
    #reader = null;
    #timer = undefined;
    #retryMs = RETRY_MS;
    #lastEventId = "";

    constructor(url, init = undefined) {
      super();
      if (url === kStream) {
        this.#listenTo(init);
        return;
      }
      webidl.requiredArguments(arguments.length, 1, "Failed to construct 'EventSource'");
      const text = `${url}`;
      try {
        this.#url = new URL(text).href;
      } catch {
        throw new DOMException(`Cannot open an EventSource to '${text}'. The URL is invalid.`, "SyntaxError");
      }
      if (init?.withCredentials) {
        throw new DOMException("The init.withCredentials option must be false or undefined.", "NotSupportedError");
      }
      const fetcher = init?.fetcher;
      if (fetcher !== undefined && typeof fetcher?.fetch !== "function") {
        throw new TypeError("Failed to construct 'EventSource': init.fetcher has no fetch().");
      }
      this.#fetcher = fetcher ?? null;
      this.#connect();
    }

    /** The events of a stream that is there already: nothing is asked for again when it ends. */
    static from(stream) {
      if (!ObjectPrototypeIsPrototypeOf(ReadableStreamPrototype, stream)) {
        throw new TypeError("Failed to execute 'from' on 'EventSource': parameter 1 is not of type 'ReadableStream'.");
      }
      if (stream.locked) throw new TypeError("This ReadableStream is currently locked to a reader.");
      return new EventSource(kStream, stream);
    }

    get url() {
      return this.#url;
    }

    get withCredentials() {
      this.#url;
      return false;
    }

    get readyState() {
      return this.#readyState;
    }

    close() {
      if (this.#readyState === CLOSED) return;
      this.#readyState = CLOSED;
      clearTimeout(this.#timer);
      this.#controller.abort();
      if (this.#reader !== null) PromisePrototypeThen(this.#reader.cancel(), undefined, () => {});
    }

    #fire(event) {
      setIsTrusted(event, true);
      this.dispatchEvent(event);
    }

    #connect() {
      const headers = [["accept", "text/event-stream"], ["cache-control", "no-cache"]];
      if (this.#lastEventId !== "") ArrayPrototypePush(headers, ["last-event-id", byteString(this.#lastEventId)]);
      const { signal } = this.#controller;
      let asked;
      try {
        const request = new Request(this.#url, { __proto__: null, headers, signal });
        asked = this.#fetcher === null ? fetch(request) : this.#fetcher.fetch(request);
      } catch (error) {
        asked = this.#refused(error);
      }
      PromisePrototypeThen(
        asked,
        (response) => this.#answered(response),
        () => this.#tryAgain(),
      );
    }

    async #refused(error) {
      throw error;
    }

    #answered(response) {
      if (this.#readyState === CLOSED) return;
      const { body, headerList, status } = toInnerResponse(response);
      if (status !== 200 || body === null || !isEventStream(headerList)) {
        body?.cancel();
        this.#fail();
        return;
      }
      this.#reader = acquireReadableStreamDefaultReader(body.stream);
      this.#open();
    }

    #listenTo(stream) {
      this.#reader = acquireReadableStreamDefaultReader(stream);
      // Listeners are added after `from()` has returned.
      PromisePrototypeThen(this.#refused(), undefined, () => this.#readyState === CONNECTING && this.#open());
    }

    #open() {
      this.#readyState = OPEN;
      this.#fire(new Event("open"));
      PromisePrototypeThen(
        this.#read(this.#reader),
        () => this.#tryAgain(),
        () => this.#tryAgain(),
      );
    }

    /** Connects again in a while; what cannot be asked for again has failed. */
    #tryAgain() {
      if (this.#readyState === CLOSED) return;
      this.#reader = null;
      if (this.#url === null) {
        this.#fail();
        return;
      }
      this.#readyState = CONNECTING;
      this.#fire(new Event("error"));
      if (this.#readyState === CLOSED) return;
      try {
        this.#timer = setTimeout(() => {
          if (this.#readyState === CONNECTING) this.#connect();
        }, this.#retryMs);
      } catch {
        // The run is over.
        this.#readyState = CLOSED;
      }
    }

    #fail() {
      this.#readyState = CLOSED;
      this.#fire(new Event("error"));
    }

    async #read(reader) {
      const decoder = new TextDecoder();
      const parser = new Parser(this.#lastEventId, (kind, value) => this.#take(kind, value));
      while (this.#readyState === OPEN) {
        const { value, done } = await reader.read();
        if (done) return;
        parser.feed(decoder.decode(bytesOf(value), { __proto__: null, stream: true }));
      }
    }

    #take(kind, value) {
      if (this.#readyState !== OPEN) return;
      if (kind === "retry") {
        this.#retryMs = MathMin(MathMax(value, 0), RETRY_MS_MAX);
        return;
      }
      const { type, data, lastEventId } = value;
      this.#lastEventId = lastEventId;
      if (data === null) return;
      const origin = this.#url === null ? "" : new URL(this.#url).origin;
      this.#fire(new MessageEvent(type, { __proto__: null, data, origin, lastEventId }));
    }
  }

  const constant = (value) => ({ __proto__: null, value, writable: false, enumerable: true, configurable: false });
  const states = { CONNECTING: constant(CONNECTING), OPEN: constant(OPEN), CLOSED: constant(CLOSED) };
  ObjectDefineProperties(EventSource, states);
  ObjectDefineProperties(EventSource.prototype, states);
  webidl.configureInterface(EventSource);
  const isEventSource = (value) => ObjectPrototypeIsPrototypeOf(EventSource.prototype, value);
  for (const name of ["open", "message", "error"]) {
    defineEventHandler(EventSource.prototype, name);
    amendAccessor(EventSource.prototype, `on${name}`, (value) => value !== EventSource.prototype && isEventSource(value));
  }

  /** Takes an event stream apart, https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
  class Parser {
    #tell;
    /** Parts of the line that has not ended. */
    #line = [];
    #afterReturn = false;
    #data = [];
    #type = "";
    /** Goes on from what a connection before this one had. */
    #id;

    constructor(lastEventId, tell) {
      this.#id = lastEventId;
      this.#tell = tell;
    }

    feed(text) {
      let at = 0;
      if (this.#afterReturn && text.length > 0) {
        if (text[0] === "\n") at = 1;
        this.#afterReturn = false;
      }
      let begin = at;
      for (; at < text.length; at++) {
        const code = StringPrototypeCharCodeAt(text, at);
        if (code !== 10 && code !== 13) continue;
        ArrayPrototypePush(this.#line, StringPrototypeSlice(text, begin, at));
        if (code === 13) {
          if (at + 1 === text.length) this.#afterReturn = true;
          else if (text[at + 1] === "\n") at++;
        }
        begin = at + 1;
        const line = ArrayPrototypeJoin(this.#line, "");
        this.#line = [];
        this.#end(line);
      }
      if (begin < text.length) ArrayPrototypePush(this.#line, StringPrototypeSlice(text, begin));
    }

    #end(line) {
      if (line === "") {
        const data = this.#data.length === 0 ? null : ArrayPrototypeJoin(this.#data, "\n");
        const type = this.#type === "" ? "message" : this.#type;
        this.#data = [];
        this.#type = "";
        this.#tell("event", { __proto__: null, type, data, lastEventId: this.#id });
        return;
      }
      const colon = StringPrototypeIndexOf(line, ":");
      if (colon === 0) return;
      const field = colon < 0 ? line : StringPrototypeSlice(line, 0, colon);
      let value = colon < 0 ? "" : StringPrototypeSlice(line, colon + 1);
      if (value[0] === " ") value = StringPrototypeSlice(value, 1);
      if (field === "data") {
        ArrayPrototypePush(this.#data, value);
      } else if (field === "event") {
        this.#type = value;
      } else if (field === "id") {
        if (!StringPrototypeIncludes(value, "\0")) this.#id = value;
      } else if (field === "retry" && RegExpPrototypeExec(DIGITS, value) !== null) {
        this.#tell("retry", Number(value));
      }
    }
  }

  /** Its UTF-8, a character for each byte, as headers have it. */
  function byteString(text) {
    const bytes = core.encode(text);
    let string = "";
    for (let i = 0; i < bytes.length; i++) string += StringFromCharCode(bytes[i]);
    return string;
  }

  function isEventStream(headerList) {
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) !== "content-type") continue;
      const { 0: essence } = StringPrototypeSplit(headerList[i][1], ";");
      return StringPrototypeToLowerCase(StringPrototypeTrim(essence)) === "text/event-stream";
    }
    return false;
  }

  function bytesOf(chunk) {
    if (typeof chunk === "string") return core.encode(chunk);
    if (isAnyArrayBuffer(chunk)) return new Uint8Array(chunk);
    if (ArrayBufferIsView(chunk)) return chunk;
    throw new TypeError("EventSource: the stream gave a chunk that is neither bytes nor a string.");
  }

  return { EventSource };
})()
