// Fetch: Deno's, counted against the request's subrequest limits.
//
// At most `open` subrequests of one run are under way at once, further ones wait; past the total they are refused. The
// egress policy is the host's and applies to every connection, redirects included.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    ObjectPrototypeIsPrototypeOf,
    PromiseReject,
    StringPrototypeToLowerCase,
    TypeError,
  } = primordials;
  const { op_eyot_subrequest_begin, op_eyot_subrequest_end, op_eyot_subrequest_place, op_eyot_subrequest_start } = core.ops;
  const { add } = core.loadExtScript("ext:deno_web/03_abort_signal.js");
  const { fetch: denoFetch, mainFetch } = core.loadExtScript("ext:deno_fetch/26_fetch.js");
  const { Request, hasSignal, toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");
  const { fromInnerResponse, toInnerResponse } = core.loadExtScript("ext:deno_fetch/23_response.js");
  const { formatOf } = core.loadExtScript("ext:eyot/content_coding.js");
  const { currentRun, outsideRun } = core.loadExtScript("ext:eyot/dispatch.js");

  // A method, which Web IDL's operations are like: no constructor.
  const { fetch } = {
    fetch(input, init = undefined) {
      const run = currentRun();
      if (run === undefined) return PromiseReject(outsideRun());
      const { id } = run;
      // Refusal is synchronous so that an endless loop of `fetch()` meets it at once.
      let request;
      let inner;
      try {
        request = new Request(input, init);
        // Rejects at once, and cancels the body.
        if (hasSignal(request) && request.signal.aborted) return denoFetch(request);
        inner = toInnerRequest(request);
        askCaches(inner);
        const { method } = inner;
        op_eyot_subrequest_begin(id, method === "GET" || method === "HEAD" || method === "OPTIONS");
      } catch (error) {
        return PromiseReject(error);
      }
      if (asksForSocket(inner.headerList)) {
        const { fetchSocket } = core.loadExtScript("ext:eyot/websocket.js");
        return fetchSocket(run, inner);
      }
      return send(id, request, inner);
    },
  };

  /** Its value, not by `Headers.prototype.get`, which a script may have replaced. */
  function headerOf(headerList, name) {
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) === name) return headerList[i][1];
    }
    return undefined;
  }

  function asksForSocket(headerList) {
    return StringPrototypeToLowerCase(headerOf(headerList, "upgrade") ?? "") === "websocket";
  }

  /** Says to caches on the way what a request's cache mode asks of them, https://fetch.spec.whatwg.org/#concept-http-network-or-cache-fetch. */
  function askCaches({ cacheMode, headerList }) {
    if (cacheMode === "only-if-cached") throw new TypeError("Nothing that fetch() gets is kept, which is all that \"only-if-cached\" asks for.");
    const asked = cacheMode === "no-cache" ? [["cache-control", "max-age=0"]] : cacheMode === "no-store" || cacheMode === "reload"
      ? [["pragma", "no-cache"], ["cache-control", "no-cache"]]
      : [];
    for (let i = 0; i < asked.length; i++) {
      if (headerOf(headerList, asked[i][0]) === undefined) ArrayPrototypePush(headerList, asked[i]);
    }
  }

  /** Says of a body that is not decoded when it is read that it is in the form that the headers name. */
  function noteCoding(inner) {
    if (!inner.bodyDecoded && formatOf(inner.headerList) !== null) inner.isEncoded = true;
  }

  // Stands for the signal of a request that has none, so that nobody can abort it.
  const NEVER = { __proto__: null, aborted: false, reason: undefined, [add]() {} };

  /** The inner response to a request that nobody can abort: https://fetch.spec.whatwg.org/#fetch-method, less what is for the others. */
  async function fetchWithoutSignal(inner) {
    const { headerList } = inner;
    if (headerOf(headerList, "accept") === undefined) ArrayPrototypePush(headerList, ["Accept", "*/*"]);
    if (headerOf(headerList, "accept-language") === undefined) ArrayPrototypePush(headerList, ["Accept-Language", "*"]);
    const response = await mainFetch(inner, false, NEVER);
    if (response.type === "error") throw new TypeError(`Fetch failed: ${response.error ?? "unknown error"}`);
    return response;
  }

  async function send(id, request, inner) {
    if (!op_eyot_subrequest_place(id)) await op_eyot_subrequest_start(id);
    try {
      let response;
      let answer;
      if (hasSignal(request)) {
        response = await denoFetch(request);
        answer = toInnerResponse(response);
      } else {
        answer = await fetchWithoutSignal(inner);
        response = fromInnerResponse(answer, "immutable");
      }
      const { integrity } = inner;
      if (integrity !== undefined && integrity !== "") {
        await core.loadExtScript("ext:eyot/integrity.js").verify(answer, integrity);
      }
      noteCoding(answer);
      return response;
    } catch (error) {
      if (ObjectPrototypeIsPrototypeOf(core.NotCapablePrototype, error)) {
        throw new TypeError("fetch() to this address is not allowed by the egress policy.");
      }
      throw error;
    } finally {
      op_eyot_subrequest_end(id);
    }
  }

  return { NEVER, asksForSocket, fetch };
})()
