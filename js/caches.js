// Caches: https://developers.cloudflare.com/workers/runtime-apis/cache/, a part of the Service Workers' Cache.
//
// What may be kept and what a request gets of it is decided by the host; bodies stream both ways.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ObjectPrototypeIsPrototypeOf,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    TypeError,
  } = primordials;
  const {
    op_eyot_cache_begin,
    op_eyot_cache_delete,
    op_eyot_cache_end,
    op_eyot_cache_match,
    op_eyot_cache_write,
    op_eyot_subrequest_begin,
    op_eyot_subrequest_end,
    op_eyot_subrequest_place,
    op_eyot_subrequest_start,
  } = core.ops;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { Request, RequestPrototype, toInnerRequest } = loadExtScript("ext:deno_fetch/23_request.js");
  const { ResponsePrototype, fromInnerResponse, newInnerResponse, toInnerResponse, wireHeaderList } = loadExtScript(
    "ext:deno_fetch/23_response.js",
  );
  const { answerBody } = loadExtScript("ext:eyot/incoming_body.js");
  const { plainBody } = loadExtScript("ext:eyot/content_coding.js");
  const { runOrRefuse } = loadExtScript("ext:eyot/dispatch.js");
  const { markNotSerializable } = loadExtScript("ext:eyot/structured_clone.js");

  /** Runs a call within the run's subrequest limits: each counts as one, and waits for its place. */
  async function counted(callback) {
    const { id } = runOrRefuse();
    op_eyot_subrequest_begin(id);
    if (!op_eyot_subrequest_place(id)) await op_eyot_subrequest_start(id);
    try {
      return await callback();
    } finally {
      op_eyot_subrequest_end(id);
    }
  }

  /** A request's method, URL without its fragment, and headers. */
  function read(input) {
    const request = typeof input === "object" && ObjectPrototypeIsPrototypeOf(RequestPrototype, input)
      ? input
      : new Request(input);
    const inner = toInnerRequest(request);
    const url = inner.url();
    const at = StringPrototypeIndexOf(url, "#");
    return {
      __proto__: null,
      method: inner.method,
      url: at < 0 ? url : StringPrototypeSlice(url, 0, at),
      headers: inner.headerList,
    };
  }

  function bytesOf(chunk) {
    if (ArrayBufferIsView(chunk) || isAnyArrayBuffer(chunk)) return chunk;
    if (typeof chunk === "string") return core.encode(chunk);
    throw new TypeError("The response body's stream gave a chunk that is neither bytes nor a string.");
  }

  /** Takes a body's bytes to a writer; false when they are more than may be kept. */
  async function copy(stream, writer) {
    const { acquireReadableStreamDefaultReader } = loadExtScript("ext:deno_web/06_streams.js");
    const reader = acquireReadableStreamDefaultReader(stream);
    while (true) {
      const { value, done } = await reader.read();
      if (done) return true;
      if (!await op_eyot_cache_write(writer, bytesOf(value))) {
        await reader.cancel();
        return false;
      }
    }
  }

  const kName = {};

  class Cache {
    #name;

    constructor(brand = undefined, name = undefined) {
      if (brand !== kName) webidl.illegalConstructor();
      this.#name = name;
    }

    async match(request, options = undefined) {
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'match' on 'Cache'");
      const name = this.#name;
      const { method, url, headers } = read(request);
      if (method !== "GET" && !options?.ignoreMethod) return undefined;
      const found = await counted(() => op_eyot_cache_match(name, url, headers));
      if (found === null) return undefined;
      const inner = newInnerResponse(found.status);
      inner.headerList = found.headers;
      if (found.body !== 0) {
        inner.body = answerBody(found.body - 1);
        inner.body.length = found.length;
      }
      return fromInnerResponse(inner, "immutable");
    }

    async put(request, response) {
      webidl.requiredArguments(arguments.length, 2, "Failed to execute 'put' on 'Cache'");
      const name = this.#name;
      const { method, url, headers } = read(request);
      if (!StringPrototypeStartsWith(url, "http:") && !StringPrototypeStartsWith(url, "https:")) {
        throw new TypeError("Cannot cache a response to a request whose scheme is neither http nor https.");
      }
      if (typeof response !== "object" || !ObjectPrototypeIsPrototypeOf(ResponsePrototype, response)) {
        throw new TypeError("Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.");
      }
      const inner = toInnerResponse(response);
      const { body } = inner;
      if (body !== null && body.unusable()) {
        throw new TypeError("Cannot cache a response whose body has already been used.");
      }
      await counted(async () => {
        const writer = await op_eyot_cache_begin(name, method, url, headers, inner.status, wireHeaderList(inner));
        if (writer === 0) {
          await body?.cancel();
          return;
        }
        let keep = false;
        try {
          keep = body === null || await copy(plainBody(inner), writer - 1);
        } finally {
          await op_eyot_cache_end(writer - 1, keep);
        }
      });
    }

    async delete(request, options = undefined) {
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'delete' on 'Cache'");
      const name = this.#name;
      const { method, url } = read(request);
      if (method !== "GET" && !options?.ignoreMethod) return false;
      return await counted(() => op_eyot_cache_delete(name, url));
    }
  }
  webidl.configureInterface(Cache);

  class CacheStorage {
    #default = new Cache(kName, "");

    constructor(brand = undefined) {
      if (brand !== kName) webidl.illegalConstructor();
    }

    get default() {
      return this.#default;
    }

    async open(name) {
      webidl.requiredArguments(arguments.length, 1, "Failed to execute 'open' on 'CacheStorage'");
      return new Cache(kName, `named:${webidl.converters.DOMString(name)}`);
    }
  }
  webidl.configureInterface(CacheStorage);

  markNotSerializable(Cache.prototype);
  markNotSerializable(CacheStorage.prototype);

  return { Cache, CacheStorage, caches: new CacheStorage(kName) };
})()
