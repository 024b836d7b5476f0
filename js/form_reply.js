// The answering half of `(req, res)`: Express's response, as Google's functions and Azure's `context.res` have it.
//
// https://expressjs.com/en/5x/api.html#res. Resolves with a Response at the first `write` or at `end`, whichever is first.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayBufferIsView,
    Error,
    JSONStringify,
    Number,
    ObjectKeys,
    Promise,
    ReflectApply,
    String,
    StringPrototypeIncludes,
    StringPrototypeToLowerCase,
    encodeURIComponent,
  } = primordials;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const { Headers } = loadExtScript("ext:deno_fetch/20_headers.js");
  const { Response } = loadExtScript("ext:deno_fetch/23_response.js");
  const { asItIs } = loadExtScript("ext:eyot/response.js");
  const { ReadableStream } = loadExtScript("ext:deno_web/06_streams.js");

  const TYPES = {
    __proto__: null,
    html: "text/html; charset=utf-8",
    json: "application/json; charset=utf-8",
    text: "text/plain; charset=utf-8",
    txt: "text/plain; charset=utf-8",
    xml: "application/xml; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    css: "text/css; charset=utf-8",
    svg: "image/svg+xml",
    png: "image/png",
    bin: "application/octet-stream",
  };
  const REASONS = { __proto__: null, 200: "OK", 201: "Created", 202: "Accepted", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
    418: "I'm a Teapot", 429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable" };

  const isNull = (status) => status === 204 || status === 205 || status === 304;
  const isBytes = (value) => ArrayBufferIsView(value) || isAnyArrayBuffer(value);

  class Reply {
    #headers = new Headers();
    #settle;
    #controller = null;
    #ended = false;
    statusCode = 200;
    statusMessage = undefined;
    locals = {};

    constructor(settle) {
      this.#settle = settle;
    }

    get headersSent() {
      return this.#ended || this.#controller !== null;
    }

    get writableEnded() {
      return this.#ended;
    }

    status(code) {
      this.statusCode = Number(code);
      return this;
    }

    sendStatus(code) {
      this.status(code);
      if (!this.#headers.has("content-type")) this.type("txt");
      return this.send(REASONS[code] ?? String(code));
    }

    set(name, value = undefined) {
      if (typeof name === "object" && name !== null) {
        const names = ObjectKeys(name);
        for (let i = 0; i < names.length; i++) this.set(names[i], name[names[i]]);
        return this;
      }
      if (this.headersSent) throw new Error("Cannot set headers after they are sent to the client");
      if (ArrayIsArray(value)) {
        this.#headers.delete(name);
        for (let i = 0; i < value.length; i++) this.#headers.append(name, String(value[i]));
      } else {
        let text = String(value);
        if (StringPrototypeToLowerCase(String(name)) === "content-type" && !StringPrototypeIncludes(text, ";")) {
          text = TYPES[text] ?? (text === "text/html" || text === "text/plain" ? `${text}; charset=utf-8` : text);
        }
        this.#headers.set(name, text);
      }
      return this;
    }

    header(name, value = undefined) {
      return this.set(name, value);
    }

    setHeader(name, value) {
      return this.set(name, value);
    }

    get(name) {
      return this.#headers.get(name) ?? undefined;
    }

    getHeader(name) {
      return this.get(name);
    }

    hasHeader(name) {
      return this.#headers.has(name);
    }

    removeHeader(name) {
      this.#headers.delete(name);
      return this;
    }

    append(name, value) {
      const values = ArrayIsArray(value) ? value : [value];
      for (let i = 0; i < values.length; i++) this.#headers.append(name, String(values[i]));
      return this;
    }

    vary(name) {
      return this.append("vary", name);
    }

    location(url) {
      return this.set("location", url);
    }

    type(type) {
      return this.set("content-type", TYPES[type] ?? type);
    }

    contentType(type) {
      return this.type(type);
    }

    cookie(name, value, options = {}) {
      let text = `${name}=${encodeURIComponent(typeof value === "object" ? `j:${JSONStringify(value)}` : String(value))}`;
      if (options.maxAge !== undefined) text += `; Max-Age=${Number(options.maxAge) / 1_000 | 0}`;
      if (options.domain) text += `; Domain=${options.domain}`;
      text += `; Path=${options.path ?? "/"}`;
      if (options.expires) text += `; Expires=${options.expires.toUTCString()}`;
      if (options.httpOnly) text += "; HttpOnly";
      if (options.secure) text += "; Secure";
      if (options.sameSite) text += `; SameSite=${options.sameSite === true ? "Strict" : options.sameSite}`;
      return this.append("set-cookie", text);
    }

    clearCookie(name, options = {}) {
      return this.append("set-cookie", `${name}=; Path=${options.path ?? "/"}; Expires=Thu, 01 Jan 1970 00:00:00 GMT`);
    }

    redirect(status, url = undefined) {
      const hasStatus = typeof status === "number";
      this.status(hasStatus ? status : 302).location(hasStatus ? url : status);
      return this.end();
    }

    json(value) {
      if (!this.#headers.has("content-type")) this.type("json");
      return this.end(JSONStringify(value) ?? "");
    }

    send(body = undefined) {
      if (typeof body === "string") {
        if (!this.#headers.has("content-type")) this.type("html");
      } else if (isBytes(body)) {
        if (!this.#headers.has("content-type")) this.type("bin");
      } else if (body !== undefined && body !== null) {
        return this.json(body);
      }
      return this.end(body);
    }

    writeHead(status, ...rest) {
      this.status(status);
      const headers = rest[rest.length - 1];
      if (typeof headers === "object" && headers !== null) this.set(headers);
      return this;
    }

    write(chunk) {
      if (this.#ended) throw new Error("write after end");
      if (this.#controller === null) {
        const body = new ReadableStream({ start: (controller) => this.#controller = controller });
        this.#settle(asItIs(new Response(body, { status: this.statusCode, headers: this.#headers })));
      }
      this.#controller.enqueue(isBytes(chunk) ? chunk : core.encode(String(chunk)));
      return true;
    }

    end(chunk = undefined) {
      if (this.#ended) return this;
      const hasChunk = chunk !== undefined && chunk !== null && typeof chunk !== "function";
      if (this.#controller !== null) {
        if (hasChunk) this.write(chunk);
        this.#ended = true;
        this.#controller.close();
        return this;
      }
      this.#ended = true;
      const body = !hasChunk || isNull(this.statusCode) ? null : isBytes(chunk) ? chunk : core.encode(String(chunk));
      this.#settle(asItIs(new Response(body, { status: this.statusCode, headers: this.#headers })));
      return this;
    }
  }

  /** Calls `work(reply)`; the Response is what it does with the reply, and what it throws before is the request's end. */
  function answerBy(work) {
    return new Promise((resolve, reject) => {
      const reply = new Reply(resolve);
      const done = ReflectApply(work, undefined, [reply]);
      if (typeof done?.then === "function") done.then(undefined, reject);
    });
  }

  return { Reply, answerBy };
})()
