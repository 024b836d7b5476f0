// OpenWhisk: `function main(params) { return {...} }` as a web action.
//
// https://github.com/apache/openwhisk/blob/master/docs/webactions.md. Parameters are the query's, then those of a JSON or
// form body; any other body is `__ow_body`, in base64 unless it is text.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    JSONParse,
    JSONStringify,
    Number,
    NumberIsInteger,
    ObjectKeys,
    ReflectApply,
    String,
    StringPrototypeSlice,
    StringPrototypeToLowerCase,
    TypeError,
  } = primordials;
  const { loadExtScript } = core;
  const { Headers } = loadExtScript("ext:deno_fetch/20_headers.js");
  const { Response } = loadExtScript("ext:deno_fetch/23_response.js");
  const { asItIs } = loadExtScript("ext:eyot/response.js");
  const { forgivingBase64Decode, forgivingBase64Encode } = loadExtScript("ext:deno_web/00_infra.js");
  const { FORM, URL, bodyOf, define, fieldsOf, headersOf, isJson, isText, mediaType } = loadExtScript(
    "ext:eyot/form_request.js",
  );

  const last = (_before, value) => value;

  function assign(params, fields) {
    const names = ObjectKeys(fields);
    for (let i = 0; i < names.length; i++) define(params, names[i], fields[names[i]]);
  }

  /** The fields of the body, or undefined when it has none to give. */
  function bodyFields(type, text) {
    if (text === undefined) return undefined;
    if (type === FORM) return fieldsOf(text, last);
    if (!isJson(type)) return undefined;
    try {
      const value = JSONParse(text);
      return typeof value === "object" && value !== null && !ArrayIsArray(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  async function paramsOf(request) {
    const url = new URL(request.url);
    const headers = headersOf(request);
    const type = mediaType(headers);
    const query = StringPrototypeSlice(url.search, 1);
    const params = fieldsOf(query, last);
    const { bytes, text, isEmpty } = await bodyOf(request, type);
    const fields = isEmpty ? {} : bodyFields(type, text);
    if (fields !== undefined) assign(params, fields);
    params.__ow_method = StringPrototypeToLowerCase(request.method);
    params.__ow_headers = headers;
    params.__ow_path = url.pathname;
    params.__ow_query = query;
    if (fields === undefined) params.__ow_body = text ?? forgivingBase64Encode(bytes);
    return params;
  }

  function appendAll(headers, more) {
    if (typeof more !== "object" || more === null) return;
    const names = ObjectKeys(more);
    for (let i = 0; i < names.length; i++) {
      const value = more[names[i]];
      const values = ArrayIsArray(value) ? value : [value];
      for (let at = 0; at < values.length; at++) headers.append(names[i], String(values[at]));
    }
  }

  const isObject = (value) => typeof value === "object" && value !== null;
  const isAnswer = (value) => isObject(value) && ("statusCode" in value || "body" in value || "headers" in value);

  function answer(result, statusDefault) {
    const headers = new Headers();
    appendAll(headers, result.headers);
    let { body } = result;
    const isEmpty = body === undefined || body === null || body === "";
    const status = Number(result.statusCode ?? (isEmpty && statusDefault === 200 ? 204 : statusDefault));
    if (!NumberIsInteger(status) || status < 200 || status > 599) {
      throw new TypeError(`The action's statusCode ${String(result.statusCode)} is not a number from 200 to 599.`);
    }
    if (isEmpty || status === 204 || status === 205 || status === 304) return new Response(null, { status, headers });
    const named = headers.get("content-type");
    if (typeof body !== "string") {
      body = JSONStringify(body);
      if (named === null) headers.set("content-type", "application/json");
    } else if (named === null) {
      headers.set("content-type", "text/html; charset=utf-8");
    } else if (!isText(mediaType({ "content-type": named }))) {
      body = forgivingBase64Decode(body);
    }
    return asItIs(new Response(body, { status, headers }));
  }

  function json(value, status) {
    return new Response(JSONStringify(value ?? {}), { status, headers: { "content-type": "application/json" } });
  }

  function responseOf(result) {
    if (isObject(result) && result.error !== undefined && !isAnswer(result)) {
      return isAnswer(result.error) ? answer(result.error, 400) : json({ error: result.error }, 400);
    }
    if (isAnswer(result)) return answer(result, 200);
    return json(result, 200);
  }

  function make(main) {
    return {
      __proto__: null,
      async fetch(request) {
        return responseOf(await ReflectApply(main, undefined, [await paramsOf(request)]));
      },
      invoke: async (payload) => await ReflectApply(main, undefined, [payload]),
    };
  }

  return { make };
})()
