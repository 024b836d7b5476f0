// Google's functions: `exports.name = (req, res) => {...}`, or registered with `functions.http(name, handler)`.
//
// https://cloud.google.com/functions/docs/writing/write-http-functions. Request and response are Express's, as far as a
// function that answers one request needs them. Of several registered functions the binding FUNCTION_TARGET names the one
// that serves.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, JSONParse, ObjectKeys, ReflectApply, StringPrototypeIncludes, StringPrototypeToLowerCase, TypeError } =
    primordials;
  const { loadExtScript } = core;
  const { FORM, URL, bodyOf, fieldsOf, headersOf, isJson, listed, mediaType } = loadExtScript(
    "ext:eyot/form_request.js",
  );
  const { answerBy } = loadExtScript("ext:eyot/form_reply.js");
  const { registered } = loadExtScript("ext:eyot/forms.js");
  const { Response } = loadExtScript("ext:deno_fetch/23_response.js");

  function cookiesOf(text) {
    const cookies = {};
    for (const part of (text ?? "").split(";")) {
      const at = part.indexOf("=");
      if (at > 0) cookies[part.slice(0, at).trim()] = part.slice(at + 1).trim();
    }
    return cookies;
  }

  /** Express's request: what a handler reads of it. */
  async function requestOf(request) {
    const url = new URL(request.url);
    const headers = headersOf(request);
    const type = mediaType(headers);
    const { bytes, text, isEmpty } = await bodyOf(request, type);
    let body = text ?? bytes;
    if (isEmpty) body = {};
    else if (text !== undefined && isJson(type)) body = JSONParse(text);
    else if (text !== undefined && type === FORM) body = fieldsOf(text, listed);
    const header = (name) => headers[StringPrototypeToLowerCase(`${name}`)];
    return {
      method: request.method,
      url: url.pathname + url.search,
      originalUrl: url.pathname + url.search,
      baseUrl: "",
      path: url.pathname,
      query: fieldsOf(url.search, listed),
      params: {},
      headers,
      cookies: cookiesOf(headers.cookie),
      body,
      rawBody: isEmpty ? undefined : bytes,
      protocol: "https",
      secure: true,
      hostname: url.hostname,
      host: url.host,
      ip: headers["cf-connecting-ip"],
      ips: [],
      xhr: header("x-requested-with") === "XMLHttpRequest",
      httpVersion: "1.1",
      signal: request.signal,
      get: header,
      header,
      is: (wanted) => type === wanted || (!StringPrototypeIncludes(wanted, "/") && type.endsWith(`/${wanted}`)) ? type : false,
    };
  }

  async function serve(handler, request) {
    let req;
    try {
      req = await requestOf(request);
    } catch (error) {
      // What Express's body parser answers.
      if (error?.name === "SyntaxError") return new Response("Bad Request", { status: 400 });
      throw error;
    }
    return await answerBy((res) => {
      res.req = req;
      req.res = res;
      return ReflectApply(handler, undefined, [req, res]);
    });
  }

  function make(handler) {
    return { __proto__: null, fetch: (request) => serve(handler, request) };
  }

  function makeTargets(handlers) {
    const names = ObjectKeys(handlers);
    return {
      __proto__: null,
      fetch(request, env) {
        const target = names.length === 1 ? names[0] : env.FUNCTION_TARGET;
        const handler = handlers[target];
        if (typeof handler !== "function") {
          throw new Error(`The binding FUNCTION_TARGET names none of the registered functions (${names.join(", ")}).`);
        }
        return serve(handler, request);
      },
    };
  }

  /** What `@google-cloud/functions-framework` gives. */
  const library = {
    http(name, handler) {
      if (typeof handler !== "function") throw new TypeError("functions.http(): the handler is not a function.");
      registered.google ??= { __proto__: null };
      registered.google[`${name}`] = handler;
    },
  };

  return { default: library, http: library.http, library, make, makeTargets };
})()
