// Service bindings: `env.OTHER.fetch(request)` and method calls, https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
//
// A call goes to another script of the tenant within the process. It counts as a subrequest of the run that makes it and
// ends with that run. Arguments and results of methods cross as structured clones; functions and stubs do not.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeConcat,
    ArrayPrototypeFilter,
    ArrayPrototypePush,
    Error,
    JSONStringify,
    ObjectFreeze,
    ObjectPrototypeIsPrototypeOf,
    PromisePrototypeThen,
    PromiseReject,
    Proxy,
    ReflectGet,
    StringPrototypeToLowerCase,
    TypedArrayPrototypeSubarray,
    TypeError,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_service_answer,
    op_eyot_service_start,
    op_eyot_subrequest_begin,
    op_eyot_subrequest_end,
    op_eyot_subrequest_start,
  } = core.ops;
  const { loadExtScript } = core;
  const { Request, toInnerRequest } = loadExtScript("ext:deno_fetch/23_request.js");
  const { fromInnerResponse, newInnerResponse, nullBodyStatus, redirectStatus } = loadExtScript(
    "ext:deno_fetch/23_response.js",
  );
  const { InnerBody } = loadExtScript("ext:deno_fetch/22_body.js");
  const { ReadableStreamPrototype, errorReadableStream, readableStreamForRid, resourceForReadableStream } =
    loadExtScript("ext:deno_web/06_streams.js");
  const abortSignal = loadExtScript("ext:deno_web/03_abort_signal.js");
  const { URL } = loadExtScript("ext:deno_web/00_url.js");
  const { currentRun, outsideRun } = loadExtScript("ext:eyot/dispatch.js");
  const { asksForSocket } = loadExtScript("ext:eyot/fetch.js");
  const { mayBeResizable } = loadExtScript("ext:eyot/mappings.js");

  /** An error that crossed an isolate's border: of its own kind where that is a standard one. */
  function revive(name, message) {
    const kinds = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
    const Kind = kinds[name];
    if (Kind !== undefined) return new Kind(message);
    if (name === "AbortError" || name === "DataCloneError") {
      const { DOMException } = loadExtScript("ext:deno_web/01_dom_exception.js");
      return new DOMException(message, name);
    }
    const error = new Error(message);
    error.name = name;
    return error;
  }
  const { EvalError, RangeError, ReferenceError, SyntaxError, URIError } = primordials;

  async function readExactly(rid, length) {
    const bytes = new Uint8Array(length);
    let at = 0;
    try {
      while (at < length) {
        const read = await core.read(rid, TypedArrayPrototypeSubarray(bytes, at));
        if (read === 0) throw new TypeError("The other side of the call went away.");
        at += read;
      }
    } finally {
      core.tryClose(rid);
    }
    return bytes;
  }

  /** Sends one request and waits for its answer. */
  async function send(id, index, inner, headerList, signal) {
    let flat = "";
    for (let i = 0; i < headerList.length; i++) flat += `${headerList[i][0]}\n${headerList[i][1]}\n`;
    let content = null;
    let bodyRid = 0;
    if (inner.body !== null) {
      const { streamOrStatic } = inner.body;
      if (ObjectPrototypeIsPrototypeOf(ReadableStreamPrototype, streamOrStatic)) {
        bodyRid = resourceForReadableStream(streamOrStatic, inner.body.length ?? undefined) + 1;
      } else {
        streamOrStatic.consumed = true;
        content = streamOrStatic.body;
      }
    }
    const { method } = inner;
    const socket = asksForSocket(headerList);
    const rid = op_eyot_service_start(id, index, method, inner.currentUrl(), flat, content, bodyRid, null, socket);
    const giveUp = () => core.tryClose(rid);
    signal[abortSignal.add](giveUp);
    try {
      return await op_eyot_service_answer(rid);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      signal[abortSignal.remove](giveUp);
      core.tryClose(rid);
    }
  }

  function responseOf(answer, url, signal) {
    const inner = newInnerResponse(answer.status);
    inner.headerList = answer.headers;
    inner.urlList = [url];
    if (answer.rid !== null) {
      if (nullBodyStatus(answer.status)) {
        core.tryClose(answer.rid);
      } else {
        const stream = readableStreamForRid(answer.rid);
        signal[abortSignal.add](() => {
          errorReadableStream(stream, signal.reason);
          core.tryClose(answer.rid);
        });
        inner.body = new InnerBody(stream);
        inner.body.length = answer.length;
      }
    } else if (!nullBodyStatus(answer.status)) {
      inner.body = new InnerBody({ body: new Uint8Array(), consumed: false });
    }
    return fromInnerResponse(inner, "immutable");
  }

  function locationOf(answer) {
    for (let i = 0; i < answer.headers.length; i++) {
      if (answer.headers[i][0] === "location") return answer.headers[i][1];
    }
    return null;
  }

  /** What is asked for next when an answer redirects, https://fetch.spec.whatwg.org/#http-redirect-fetch; null: nothing. */
  function redirected(inner, answer) {
    const location = locationOf(answer);
    if (!redirectStatus(answer.status) || location === null || inner.redirectMode === "manual") return null;
    if (inner.redirectMode === "error") throw new TypeError("Redirect encountered when redirect mode is set to 'error'");
    if (inner.redirectCount === 20) throw new TypeError("Maximum number of redirects (20) reached");
    inner.redirectCount++;
    const next = new URL(location, inner.currentUrl()).href;
    const { status } = answer;
    if (
      ((status === 301 || status === 302) && inner.method === "POST") ||
      (status === 303 && inner.method !== "GET" && inner.method !== "HEAD")
    ) {
      inner.method = "GET";
      inner.body = null;
    } else if (inner.body !== null) {
      if (inner.body.source === null) throw new TypeError("Can not redeliver a streaming request body after a redirect");
      inner.body.streamOrStatic = { body: inner.body.source, consumed: false };
    }
    return next;
  }

  async function fetchThrough(id, index, request) {
    const inner = toInnerRequest(request);
    const { signal } = request;
    await op_eyot_subrequest_start(id);
    try {
      let { headerList } = inner;
      while (true) {
        signal.throwIfAborted();
        const answer = await send(id, index, inner, headerList, signal);
        if (answer.error !== null) throw revive(answer.error[0], answer.error[1]);
        if (answer.socket !== 0) return loadExtScript("ext:eyot/websocket.js").upgraded(answer.socket, answer.headers);
        const next = redirected(inner, answer);
        if (next === null) return responseOf(answer, inner.currentUrl(), signal);
        if (answer.rid !== null) core.tryClose(answer.rid);
        op_eyot_subrequest_begin(id, isSafe(inner.method));
        ArrayPrototypePush(inner.urlList, () => next);
        ArrayPrototypePush(inner.urlListProcessed, next);
        if (inner.body === null) {
          headerList = ArrayPrototypeFilter(headerList, ({ 0: name }) => !isBodyHeader(StringPrototypeToLowerCase(name)));
        }
      }
    } finally {
      op_eyot_subrequest_end(id);
    }
  }

  const isSafe = (method) => method === "GET" || method === "HEAD" || method === "OPTIONS";

  const isBodyHeader = (name) =>
    name === "content-encoding" || name === "content-language" || name === "content-location" ||
    name === "content-type" || name === "content-length";

  function fetch(index, input, init) {
    const run = currentRun();
    if (run === undefined) return PromiseReject(outsideRun());
    // Refusal is synchronous so that an endless loop of calls meets it at once.
    let request;
    try {
      request = new Request(input, init);
      op_eyot_subrequest_begin(run.id, isSafe(toInnerRequest(request).method));
    } catch (error) {
      return PromiseReject(error);
    }
    return fetchThrough(run.id, index, request);
  }

  // V8's deserializer would map a resizable buffer that nobody counts.
  const withoutResizable = (value) =>
    mayBeResizable() ? loadExtScript("ext:eyot/structured_clone.js").fixedClone(value) : value;

  const serialize = (value) =>
    core.serialize(withoutResizable(value), { __proto__: null, forStorage: true }, (message) => {
      const { DOMException } = loadExtScript("ext:deno_web/01_dom_exception.js");
      throw new DOMException(message, "DataCloneError");
    });
  const deserialize = (bytes) => core.deserialize(bytes, { __proto__: null, forStorage: true });

  async function callThrough(id, index, method, bytes) {
    await op_eyot_subrequest_start(id);
    try {
      const name = JSONStringify(method);
      const rid = op_eyot_service_start(id, index, "POST", "https://rpc.invalid/", "", bytes, 0, name, false);
      let answer;
      try {
        answer = await op_eyot_service_answer(rid);
      } finally {
        core.tryClose(rid);
      }
      if (answer.error !== null) throw revive(answer.error[0], answer.error[1]);
      if (answer.status !== 200) {
        if (answer.rid !== null) core.tryClose(answer.rid);
        throw new Error(
          "Subrequest depth limit exceeded. This request recursed through Workers too many times. This can happen e.g. if you have a Worker or Durable Object that calls other Workers or objects recursively.",
        );
      }
      return deserialize(await readExactly(answer.rid, answer.length));
    } finally {
      op_eyot_subrequest_end(id);
    }
  }

  /** `args` is null when a property is asked for and not called. */
  function call(index, path, args) {
    const run = currentRun();
    if (run === undefined) return PromiseReject(outsideRun());
    let bytes;
    try {
      bytes = serialize(args ?? []);
      op_eyot_subrequest_begin(run.id, false);
    } catch (error) {
      return PromiseReject(error);
    }
    return callThrough(run.id, index, { path, isCall: args !== null }, bytes);
  }

  /** A property of the called side: to be called, awaited, or gone into. */
  function property(index, path) {
    return new Proxy(function () {}, {
      __proto__: null,
      apply: (_target, _this, args) => call(index, path, args),
      construct() {
        throw new TypeError("A method of a service binding is not a constructor.");
      },
      get(_target, name) {
        if (typeof name !== "string") return undefined;
        if (name === "then") {
          return (resolve, reject) => PromisePrototypeThen(call(index, path, null), resolve, reject);
        }
        return property(index, ArrayPrototypeConcat(path, [name]));
      },
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    });
  }

  class Fetcher {}

  /** The `index`th binding of the script, one to another script. */
  function makeService(index) {
    const own = ObjectFreeze({ __proto__: null, fetch: (input, init = undefined) => fetch(index, input, init) });
    return new Proxy(new Fetcher(), {
      __proto__: null,
      get(target, name, receiver) {
        if (typeof name !== "string") return ReflectGet(target, name, receiver);
        if (own[name] !== undefined) return own[name];
        // Awaiting a binding, or writing it down as JSON, is no call.
        if (name === "then" || name === "toJSON" || name === "constructor") return ReflectGet(target, name, receiver);
        return property(index, [name]);
      },
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    });
  }

  return { deserialize, makeService, readExactly, serialize };
})()
