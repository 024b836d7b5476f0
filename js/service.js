// Service bindings: `env.OTHER.fetch(request)` and method calls, https://developers.cloudflare.com/workers/runtime-apis/bindings/service-bindings/
//
// A call goes to another script of the tenant within the process. It counts as a subrequest of the run that makes it and
// ends with that run. What a method call says and is told goes through a session (rpc.js).
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeConcat,
    ArrayPrototypeFilter,
    ArrayPrototypePush,
    Error,
    JSONStringify,
    ObjectCreate,
    ObjectFreeze,
    ObjectPrototypeIsPrototypeOf,
    PromiseReject,
    Proxy,
    ReflectGet,
    StringPrototypeToLowerCase,
    RangeError,
    TypeError,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_service_answer,
    op_eyot_service_start,
    op_eyot_service_write,
    op_eyot_subrequest_begin,
    op_eyot_subrequest_end,
    op_eyot_subrequest_place,
    op_eyot_subrequest_start,
  } = core.ops;
  const { loadExtScript } = core;
  const { Request, toInnerRequest } = loadExtScript("ext:deno_fetch/23_request.js");
  const { fromInnerResponse, newInnerResponse, nullBodyStatus, redirectStatus } = loadExtScript(
    "ext:deno_fetch/23_response.js",
  );
  const { InnerBody } = loadExtScript("ext:deno_fetch/22_body.js");
  const { answerBody } = loadExtScript("ext:eyot/incoming_body.js");
  const { ReadableStreamPrototype, errorReadableStream, readableStreamForRid, resourceForReadableStream } =
    loadExtScript("ext:deno_web/06_streams.js");
  const abortSignal = loadExtScript("ext:deno_web/03_abort_signal.js");
  const { URL } = loadExtScript("ext:deno_web/00_url.js");
  const { decoded, formatOf } = loadExtScript("ext:eyot/content_coding.js");
  const { currentRun, outsideRun } = loadExtScript("ext:eyot/dispatch.js");
  const { asksForSocket } = loadExtScript("ext:eyot/fetch.js");
  const { revive } = loadExtScript("ext:eyot/revived.js");
  const { Messages, Session, inOrder } = loadExtScript("ext:eyot/rpc.js");
  const { RpcProperty, ServiceStub, noteService, promised, proxied } = loadExtScript("ext:eyot/rpc_stubs.js");

  /** Of a method's name and what stands before it, as JSON. */
  const METHOD_CHARS_MAX = 64 << 10;

  /** Sends one request and waits for its answer. */
  async function send(id, callee, inner, headerList, signal) {
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
    const { index, own } = callee;
    const rid = op_eyot_service_start(id, index, method, inner.currentUrl(), flat, content, bodyRid, null, socket, own);
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
    const inner = newInnerResponse(answer.status, answer.phrase);
    inner.headerList = answer.headers;
    inner.urlList = [url];
    if (answer.rid !== null) {
      if (nullBodyStatus(answer.status)) {
        core.tryClose(answer.rid);
      } else {
        const format = formatOf(answer.headers);
        if (format === null) {
          inner.body = answerBody(answer.rid, signal);
        } else {
          const stream = decoded(readableStreamForRid(answer.rid), format);
          signal[abortSignal.add](() => {
            errorReadableStream(stream, signal.reason);
            core.tryClose(answer.rid);
          });
          inner.body = new InnerBody(stream);
        }
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

  async function fetchThrough(id, callee, request) {
    const inner = toInnerRequest(request);
    const { signal } = request;
    if (!op_eyot_subrequest_place(id)) await op_eyot_subrequest_start(id);
    try {
      let { headerList } = inner;
      while (true) {
        signal.throwIfAborted();
        const answer = await send(id, callee, inner, headerList, signal);
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

  function fetch(callee, input, init) {
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
    return fetchThrough(run.id, callee, request);
  }

  /** The caller's side of a method call: messages go as more of the request's body. */
  function openLine() {
    const line = {
      __proto__: null,
      rid: null,
      answer: null,
      session: null,
      write: (frame) => out.write(frame),
      close() {
        if (line.rid !== null) core.tryClose(line.rid);
        if (line.answer !== null) core.tryClose(line.answer);
      },
    };
    const out = inOrder((frame) => op_eyot_service_write(line.rid, frame), () => line.session.end());
    return line;
  }

  async function answerOf(id, callee, method, frame, line) {
    const { index, own } = callee;
    if (!op_eyot_subrequest_place(id)) await op_eyot_subrequest_start(id);
    try {
      line.rid = op_eyot_service_start(id, index, "POST", "https://rpc.invalid/", "", frame, 0, method, false, own);
      return await op_eyot_service_answer(line.rid);
    } finally {
      // An answer that has begun counts as one that is there: what the called side asks for may need a place of its own.
      op_eyot_subrequest_end(id);
    }
  }

  async function callThrough(id, callee, method, frame, session, line) {
    let result;
    try {
      const answer = await answerOf(id, callee, method, frame, line);
      if (answer.error !== null) throw revive(answer.error[0], answer.error[1]);
      line.answer = answer.rid;
      if (answer.status !== 200) {
        throw new Error(
          "Subrequest depth limit exceeded. This request recursed through Workers too many times. This can happen e.g. if you have a Worker or Durable Object that calls other Workers or objects recursively.",
        );
      }
      result = session.opening();
      session.run(new Messages(answer.rid));
    } catch (error) {
      session.end();
      throw error;
    }
    return await result;
  }

  /** `args` is null when a property is asked for and not called. */
  function call(callee, path, args) {
    const run = currentRun();
    if (run === undefined) return promised(PromiseReject(outsideRun()));
    const line = openLine();
    const session = line.session = new Session(run, line);
    try {
      const method = JSONStringify({ path, isCall: args !== null });
      if (method.length > METHOD_CHARS_MAX) throw new RangeError("The name of the method is too long.");
      const { frame } = session.pack(null, args ?? [], false);
      op_eyot_subrequest_begin(run.id, false);
      return promised(callThrough(run.id, callee, method, frame, session, line));
    } catch (error) {
      session.end();
      return promised(PromiseReject(error));
    }
  }

  /** A property of the called side: to be called, awaited, or gone into. */
  function property(callee, path) {
    return proxied(RpcProperty.prototype, {
      __proto__: null,
      apply: (_target, _this, args) => call(callee, path, args),
      get(_target, name) {
        if (typeof name !== "string") return undefined;
        if (name === "then" || name === "catch" || name === "finally") return call(callee, path, null)[name];
        return property(callee, ArrayPrototypeConcat(path, [name]));
      },
    });
  }

  class Fetcher extends ServiceStub {}
  const FetcherPrototype = Fetcher.prototype;

  /** The `index`th binding of the script, one to another script. */
  const makeService = (index) => serviceOf({ __proto__: null, index, own: null });

  /** An entrypoint of the script itself, with what it finds as `ctx.props`; called, it gives the same with other ones. */
  function makeOwn(entrypoint, props) {
    const withProps = (options) => makeOwn(entrypoint, options?.props);
    const own = JSONStringify({ __proto__: null, entrypoint, props: JSONStringify(props) ?? null });
    return serviceOf({ __proto__: null, index: 0, own }, withProps);
  }

  function serviceOf(callee, whenCalled = undefined) {
    const own = ObjectFreeze({ __proto__: null, fetch: (input, init = undefined) => fetch(callee, input, init) });
    return noteService(new Proxy(whenCalled ?? ObjectCreate(FetcherPrototype), {
      __proto__: null,
      getPrototypeOf: () => FetcherPrototype,
      get(target, name, receiver) {
        if (typeof name !== "string") return ReflectGet(target, name, receiver);
        if (own[name] !== undefined) return own[name];
        // Awaiting a binding, or writing it down as JSON, is no call.
        if (name === "then" || name === "toJSON" || name === "constructor") return ReflectGet(target, name, receiver);
        return property(callee, [name]);
      },
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
    }));
  }

  return { makeOwn, makeService };
})()
