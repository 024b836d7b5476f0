// Azure's functions: `module.exports = async function (context, req)`, or registered with `app.http(name, options)`.
//
// https://learn.microsoft.com/azure/azure-functions/functions-reference-node, programming models 3 and 4. A function of
// model 4 serves its route below `/api/`; one alone serves every path.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    Error,
    JSONParse,
    JSONStringify,
    ObjectEntries,
    Promise,
    ReflectApply,
    StringPrototypeToLowerCase,
    StringPrototypeToUpperCase,
    TypeError,
    decodeURIComponent,
  } = primordials;
  const { op_eyot_facts } = core.ops;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const { FORM, URL, bodyOf, fieldsOf, headersOf, isJson, mediaType } = loadExtScript("ext:eyot/form_request.js");
  const { Reply } = loadExtScript("ext:eyot/form_reply.js");
  const { registered } = loadExtScript("ext:eyot/forms.js");
  const { currentId } = loadExtScript("ext:eyot/dispatch.js");
  const { Headers } = loadExtScript("ext:deno_fetch/20_headers.js");
  const { Response } = loadExtScript("ext:deno_fetch/23_response.js");
  const { asItIs } = loadExtScript("ext:eyot/response.js");
  const { console } = loadExtScript("ext:eyot/console.js");

  const last = (_before, value) => value;

  function logger() {
    const log = (...args) => ReflectApply(console.log, console, args);
    log.error = (...args) => ReflectApply(console.error, console, args);
    log.warn = (...args) => ReflectApply(console.warn, console, args);
    log.info = (...args) => ReflectApply(console.info, console, args);
    log.verbose = (...args) => ReflectApply(console.debug, console, args);
    return log;
  }

  async function requestOf(request) {
    const url = new URL(request.url);
    const headers = headersOf(request);
    const type = mediaType(headers);
    const { bytes, text, isEmpty } = await bodyOf(request, type);
    let body = text ?? bytes;
    if (isEmpty) {
      body = undefined;
    } else if (text !== undefined && isJson(type)) {
      try {
        body = JSONParse(text);
      } catch {
        // As on Azure: what does not parse is given as it came.
        body = text;
      }
    } else if (text !== undefined && type === FORM) {
      body = fieldsOf(text, last);
    }
    return {
      method: request.method,
      url: request.url,
      originalUrl: request.url,
      headers,
      query: fieldsOf(url.search, last),
      params: {},
      body,
      rawBody: isEmpty ? undefined : text ?? bytes,
      get: (name) => headers[StringPrototypeToLowerCase(`${name}`)],
    };
  }

  const isObject = (value) => typeof value === "object" && value !== null;
  const isBytes = (value) => primordials.ArrayBufferIsView(value) || isAnyArrayBuffer(value);
  const isAnswer = (value) =>
    isObject(value) && !isBytes(value) &&
    ("body" in value || "jsonBody" in value || "status" in value || "statusCode" in value || "headers" in value);

  /** A `Response` from what a function gave as its answer. */
  function responseOf(result) {
    if (primordials.ObjectPrototypeIsPrototypeOf(Response.prototype, result)) return result;
    const answer = isAnswer(result) ? result : { body: result };
    const headers = new Headers(answer.headers ?? {});
    for (const { name, value, ...options } of answer.cookies ?? []) {
      let text = `${name}=${value}`;
      for (const [key, set] of ObjectEntries(options)) text += set === true ? `; ${key}` : `; ${key}=${set}`;
      headers.append("set-cookie", text);
    }
    const status = answer.status ?? answer.statusCode ?? 200;
    let { body } = answer;
    if (answer.jsonBody !== undefined) {
      body = JSONStringify(answer.jsonBody);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
    } else if (isObject(body) && !isBytes(body) && typeof body.getReader !== "function") {
      body = JSONStringify(body);
      if (!headers.has("content-type")) headers.set("content-type", "application/json; charset=utf-8");
    } else if (body !== undefined && body !== null && !isObject(body)) {
      body = `${body}`;
      if (!headers.has("content-type")) headers.set("content-type", "text/plain; charset=utf-8");
    }
    if (status === 204 || status === 205 || status === 304) body = null;
    return asItIs(new Response(body ?? null, { status, headers }));
  }

  function contextOf(facts) {
    const { ray: invocationId, script: functionName } = facts;
    const log = logger();
    return {
      invocationId,
      functionName,
      executionContext: { invocationId, functionName, functionDirectory: "/" },
      bindings: {},
      bindingData: { invocationId },
      log,
      error: log.error,
      warn: log.warn,
      info: log.info,
      debug: log.verbose,
      trace: log.verbose,
    };
  }

  /** `context.res` as it was changed in place: its properties count where its methods have not. */
  function finishReply(reply) {
    if (typeof reply.status !== "function") reply.statusCode = reply.status;
    if (isObject(reply.headers)) reply.set(reply.headers);
    if (typeof reply.body === "string" && !reply.hasHeader("content-type")) reply.type("txt");
    reply.send(reply.body);
  }

  /** Model 3. */
  async function serve(handler, request) {
    const context = contextOf(op_eyot_facts(currentId()));
    const req = await requestOf(request);
    return await new Promise((resolve, reject) => {
      const reply = new Reply(resolve);
      // `context.res = {...}` replaces it, `context.res.status(200).send("x")` uses it.
      context.res = reply;
      context.req = req;
      context.bindings.req = req;
      const finish = (returned) => {
        if (returned !== undefined) resolve(responseOf(returned));
        else if (context.bindings.res !== undefined) resolve(responseOf(context.bindings.res));
        else if (context.res !== reply) resolve(responseOf(context.res));
        else if (!reply.headersSent) finishReply(reply);
      };
      context.done = (error, properties = undefined) => {
        if (error) reject(error);
        else finish(properties?.res);
      };
      const returned = ReflectApply(handler, undefined, [context, req]);
      if (typeof returned?.then === "function") {
        returned.then((value) => {
          try {
            finish(value);
          } catch (error) {
            reject(error);
          }
        }, reject);
      }
    });
  }

  function make(handler) {
    return { __proto__: null, fetch: (request) => serve(handler, request) };
  }

  /** The parameters of a path below `/api/` that fits the route, or undefined. */
  function match(route, path) {
    const wanted = route.split("/").filter((part) => part !== "");
    const given = path.split("/").filter((part) => part !== "");
    const params = {};
    for (let i = 0; i < wanted.length; i++) {
      const named = /^\{(\*?)([^:?}]+)(?::[^?}]*)?(\??)\}$/.exec(wanted[i]);
      if (named === null) {
        if (StringPrototypeToLowerCase(wanted[i]) !== StringPrototypeToLowerCase(given[i] ?? "")) return undefined;
        continue;
      }
      if (named[1] === "*") {
        params[named[2]] = given.slice(i).map((part) => decodeURIComponent(part)).join("/");
        return params;
      }
      if (given[i] !== undefined) params[named[2]] = decodeURIComponent(given[i]);
      else if (named[3] !== "?") return undefined;
    }
    return given.length <= wanted.length ? params : undefined;
  }

  /** Model 4: the first registered function whose route and methods fit. */
  function makeApp(functions) {
    return {
      __proto__: null,
      async fetch(request) {
        const url = new URL(request.url);
        const path = url.pathname.startsWith("/api/") ? url.pathname.slice(4) : undefined;
        for (const { name, handler, methods, route } of functions) {
          let params = path === undefined ? undefined : match(route ?? name, path);
          if (params === undefined && functions.length === 1) params = {};
          if (params === undefined || !methods.includes(request.method)) continue;
          primordials.ObjectDefineProperties(request, {
            query: { __proto__: null, value: url.searchParams, configurable: true },
            params: { __proto__: null, value: params, configurable: true },
          });
          const context = { ...contextOf(op_eyot_facts(currentId())), functionName: name };
          const result = await ReflectApply(handler, undefined, [request, context]);
          return result === undefined ? new Response(null, { status: 204 }) : responseOf(result);
        }
        return new Response(null, { status: 404 });
      },
    };
  }

  function http(name, options) {
    const { handler, methods, route } = typeof options === "function" ? { handler: options } : options ?? {};
    if (typeof handler !== "function") throw new TypeError(`app.http("${name}"): the handler is not a function.`);
    registered.azure ??= [];
    ArrayPrototypePush(registered.azure, {
      name,
      handler,
      route,
      methods: (methods ?? ["GET", "POST"]).map((method) => StringPrototypeToUpperCase(method)),
    });
  }

  function only(method) {
    return (name, options) => http(name, { ...(typeof options === "function" ? { handler: options } : options), methods: [method] });
  }

  /** What `@azure/functions` gives of HTTP triggers. */
  const app = {
    http,
    get: only("GET"),
    post: only("POST"),
    put: only("PUT"),
    patch: only("PATCH"),
    deleteRequest: only("DELETE"),
    setup() {},
    timer() {
      throw new Error("app.timer() is not served: give the script a scheduled() handler and a cron trigger.");
    },
  };
  const library = { app };

  return { app, default: library, library, make, makeApp };
})()
