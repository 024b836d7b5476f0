// What crosses between two scripts besides clones and stubs: streams, headers, requests, responses, DOMExceptions.
//
// A stream goes as a reference that is read or written through; the others as their parts, of which a body may be one.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    ObjectDefineProperty,
    ObjectPrototypeIsPrototypeOf,
    TypeError,
  } = primordials;
  const { loadExtScript } = core;
  const { DOMException } = loadExtScript("ext:deno_web/01_dom_exception.js");
  const { ReadableStreamBYOBReader, ReadableStreamPrototype, WritableStream, isReadableStreamLocked } = loadExtScript(
    "ext:deno_web/06_streams.js",
  );
  const { Headers, headerListFromHeaders } = loadExtScript("ext:deno_fetch/20_headers.js");
  const { Request, toInnerRequest } = loadExtScript("ext:deno_fetch/23_request.js");
  const { ResponsePrototype, toInnerResponse } = loadExtScript("ext:deno_fetch/23_response.js");
  const { Response, carried } = loadExtScript("ext:eyot/response.js");
  const { announceLength, lengthOf } = loadExtScript("ext:eyot/lengths.js");
  const DOMExceptionPrototype = DOMException.prototype;
  const HeadersPrototype = Headers.prototype;
  const RequestPrototype = Request.prototype;
  const WritableStreamPrototype = WritableStream.prototype;

  const is = ObjectPrototypeIsPrototypeOf;

  /** How a value crosses that is no clone: `data` is null where only a reference does. Undefined: not at all. */
  function carriedOf(value, copying) {
    if (is(ReadableStreamPrototype, value)) {
      if (isReadableStreamLocked(value)) throw new TypeError("The ReadableStream has been locked to a reader.");
      return { __proto__: null, kind: isByteStream(value) ? "bytes" : "readable", data: null };
    }
    if (is(WritableStreamPrototype, value)) {
      if (value.locked) throw new TypeError("The WritableStream has been locked to a writer.");
      return { __proto__: null, kind: "writable", data: null };
    }
    if (is(HeadersPrototype, value)) return carry("headers", { list: headers(headerListFromHeaders(value), copying) });
    if (is(ResponsePrototype, value)) return response(value, copying);
    if (is(RequestPrototype, value)) return request(value, copying);
    if (is(DOMExceptionPrototype, value)) {
      const { name, message, stack } = value;
      return carry("exception", {
        name: copying.string(`${name}`),
        message: copying.string(`${message}`),
        stack: copying.string(`${stack}`),
      });
    }
    return undefined;
  }

  const carry = (kind, data) => ({ __proto__: null, kind, data });

  function isByteStream(stream) {
    try {
      new ReadableStreamBYOBReader(stream).releaseLock();
      return true;
    } catch {
      return false;
    }
  }

  /** Names and values, one after the other. */
  function headers(list, copying) {
    const flat = [];
    for (let i = 0; i < list.length; i++) {
      copying.append(flat, copying.string(`${list[i][0]}`));
      copying.append(flat, copying.string(`${list[i][1]}`));
    }
    return flat;
  }

  function body(inner, copying) {
    if (inner === null) return { content: null, stream: null, length: null };
    if (inner.unusable()) throw new TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");
    const { streamOrStatic } = inner;
    if (is(ReadableStreamPrototype, streamOrStatic)) {
      const length = inner.length ?? lengthOf(streamOrStatic) ?? null;
      return { content: null, stream: copying.copy(streamOrStatic), length };
    }
    streamOrStatic.consumed = true;
    return { content: copying.copy(streamOrStatic.body), stream: null, length: null };
  }

  function response(value, copying) {
    const inner = toInnerResponse(value);
    if (carried(value) !== null || inner.status < 200 || inner.status > 599) {
      throw new DOMException("A Response with a WebSocket, or of no status that a Worker can give, cannot be cloned.", "DataCloneError");
    }
    return carry("response", {
      status: inner.status,
      statusText: copying.string(`${inner.statusMessage}`),
      headers: headers(inner.headerList, copying),
      body: body(inner.body, copying),
      encodeBody: inner.isEncoded === true ? "manual" : "automatic",
    });
  }

  function request(value, copying) {
    const inner = toInnerRequest(value);
    return carry("request", {
      url: copying.string(inner.currentUrl()),
      method: copying.string(inner.method),
      redirect: inner.redirectMode,
      headers: headers(inner.headerList, copying),
      body: body(inner.body, copying),
    });
  }

  function pairs(flat) {
    const list = [];
    for (let i = 0; i < flat.length; i += 2) ArrayPrototypePush(list, [flat[i], flat[i + 1]]);
    return list;
  }

  function bodyOf({ content, stream, length }, stand) {
    if (stream === null) return content;
    const standing = stand.get(stream);
    if (length !== null) announceLength(standing, length);
    return standing;
  }

  /** The value again, of parts of our own; `stand` has the streams among them. */
  function revived(kind, data, stand) {
    switch (kind) {
      case "headers":
        return new Headers(pairs(data.list));
      case "response":
        return new Response(bodyOf(data.body, stand), {
          __proto__: null,
          status: data.status,
          statusText: data.statusText,
          headers: pairs(data.headers),
          encodeBody: data.encodeBody,
        });
      case "request": {
        const content = bodyOf(data.body, stand);
        const init = { __proto__: null, method: data.method, headers: pairs(data.headers), redirect: data.redirect };
        if (content !== null) init.body = content;
        return new Request(data.url, init);
      }
      case "exception": {
        const error = new DOMException(data.message, data.name);
        ObjectDefineProperty(error, "stack", { __proto__: null, value: data.stack, writable: true, configurable: true });
        return error;
      }
      default:
        throw new TypeError(`There is no "${kind}" to be had from another script.`);
    }
  }

  return { carriedOf, revived };
})()
