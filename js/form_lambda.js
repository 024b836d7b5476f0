// AWS Lambda: `exports.handler = async (event, context) => ...` behind an API Gateway HTTP API.
//
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html, payload format
// 2.0; https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html. Beyond it: a body that is an object goes out as
// JSON, and a form's fields come as text. `awsRequestId` is the run's own id, the one of logs and `eyot-ray`.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypePush,
    DatePrototypeGetUTCDate,
    DatePrototypeGetUTCFullYear,
    DatePrototypeGetUTCHours,
    DatePrototypeGetUTCMinutes,
    DatePrototypeGetUTCMonth,
    DatePrototypeGetUTCSeconds,
    Date,
    Error,
    JSONStringify,
    MathMax,
    Number,
    NumberIsInteger,
    ObjectKeys,
    Promise,
    ReflectApply,
    String,
    StringPrototypePadStart,
    StringPrototypeSlice,
    StringPrototypeSplit,
    StringPrototypeTrim,
    TypeError,
  } = primordials;
  const { op_eyot_facts, op_eyot_now } = core.ops;
  const { loadExtScript } = core;
  const { Headers } = loadExtScript("ext:deno_fetch/20_headers.js");
  const { Response } = loadExtScript("ext:deno_fetch/23_response.js");
  const { asItIs } = loadExtScript("ext:eyot/response.js");
  const { forgivingBase64Decode, forgivingBase64Encode } = loadExtScript("ext:deno_web/00_infra.js");
  const { URL, bodyOf, fieldsOf, headersOf, mediaType } = loadExtScript("ext:eyot/form_request.js");
  const { currentId } = loadExtScript("ext:eyot/dispatch.js");

  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

  /** As in the access logs of Apache: `12/Mar/2020:19:03:58 +0000`. */
  function logTime(ms) {
    const date = new Date(ms);
    const two = (number) => StringPrototypePadStart(String(number), 2, "0");
    return `${two(DatePrototypeGetUTCDate(date))}/${MONTHS[DatePrototypeGetUTCMonth(date)]}/` +
      `${DatePrototypeGetUTCFullYear(date)}:${two(DatePrototypeGetUTCHours(date))}:` +
      `${two(DatePrototypeGetUTCMinutes(date))}:${two(DatePrototypeGetUTCSeconds(date))} +0000`;
  }

  async function eventOf(request, facts) {
    const url = new URL(request.url);
    const headers = headersOf(request);
    let cookies;
    if (headers.cookie !== undefined) {
      cookies = [];
      const parts = StringPrototypeSplit(headers.cookie, ";");
      for (let i = 0; i < parts.length; i++) ArrayPrototypePush(cookies, StringPrototypeTrim(parts[i]));
      delete headers.cookie;
    }
    const { bytes, text, isEmpty } = await bodyOf(request, mediaType(headers));
    const now = op_eyot_now();
    const query = StringPrototypeSlice(url.search, 1);
    const event = { version: "2.0", routeKey: "$default", rawPath: url.pathname, rawQueryString: query };
    if (cookies !== undefined) event.cookies = cookies;
    event.headers = headers;
    if (query !== "") event.queryStringParameters = fieldsOf(query, (before, value) => `${before},${value}`);
    event.requestContext = {
      accountId: facts.tenant,
      apiId: facts.script,
      domainName: url.hostname,
      domainPrefix: StringPrototypeSplit(url.hostname, ".")[0],
      http: {
        method: request.method,
        path: url.pathname,
        protocol: "HTTP/1.1",
        sourceIp: headers["cf-connecting-ip"] ?? "",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: facts.ray,
      routeKey: "$default",
      stage: "$default",
      time: logTime(now),
      timeEpoch: now,
    };
    if (!isEmpty) event.body = text ?? forgivingBase64Encode(bytes);
    event.isBase64Encoded = !isEmpty && text === undefined;
    return event;
  }

  function contextOf(facts, settle) {
    const began = op_eyot_now();
    return {
      callbackWaitsForEmptyEventLoop: true,
      functionName: facts.script,
      functionVersion: facts.version,
      invokedFunctionArn: `arn:aws:lambda:eyot:${facts.tenant}:function:${facts.script}`,
      memoryLimitInMB: String(facts.memoryMib),
      awsRequestId: facts.ray,
      logGroupName: `/aws/lambda/${facts.script}`,
      logStreamName: facts.version,
      getRemainingTimeInMillis: () => MathMax(0, facts.wallMs - (op_eyot_now() - began)),
      done: settle,
      fail: (error) => settle(error ?? new Error("context.fail()")),
      succeed: (value) => settle(null, value),
    };
  }

  /** Calls the handler; answers come from its promise, its callback or its return value, whichever is first. */
  function call(handler, event) {
    return new Promise((resolve, reject) => {
      const settle = (error, value) => {
        if (error === null || error === undefined) resolve(value);
        else reject(error);
      };
      const returned = ReflectApply(handler, undefined, [event, contextOf(op_eyot_facts(currentId()), settle), settle]);
      if (typeof returned?.then === "function") {
        resolve(returned);
      } else if (returned !== undefined || handler.length < 2) {
        // One that takes a context or a callback may still answer by it; any other has nothing else to answer by.
        resolve(returned);
      }
    });
  }

  function appendAll(headers, more) {
    if (typeof more !== "object" || more === null) return;
    const names = ObjectKeys(more);
    for (let i = 0; i < names.length; i++) {
      const value = more[names[i]];
      if (value === undefined || value === null) continue;
      if (ArrayIsArray(value)) {
        for (let at = 0; at < value.length; at++) headers.append(names[i], String(value[at]));
      } else {
        headers.append(names[i], String(value));
      }
    }
  }

  function responseOf(result) {
    const isWhole = typeof result === "object" && result !== null && "statusCode" in result;
    if (!isWhole) {
      const text = typeof result === "string" ? result : JSONStringify(result ?? null);
      return new Response(text ?? "null", { status: 200, headers: { "content-type": "application/json" } });
    }
    const status = Number(result.statusCode);
    if (!NumberIsInteger(status) || status < 200 || status > 599) {
      throw new TypeError(`The handler's statusCode ${String(result.statusCode)} is not a number from 200 to 599.`);
    }
    const headers = new Headers();
    appendAll(headers, result.headers);
    appendAll(headers, result.multiValueHeaders);
    if (ArrayIsArray(result.cookies)) {
      for (let i = 0; i < result.cookies.length; i++) headers.append("set-cookie", String(result.cookies[i]));
    }
    let { body } = result;
    if (body === undefined || body === null || body === "" || status === 204 || status === 205 || status === 304) {
      return new Response(null, { status, headers });
    }
    if (typeof body === "object") {
      body = JSONStringify(body);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
    } else if (result.isBase64Encoded) {
      body = forgivingBase64Decode(String(body));
    } else {
      body = String(body);
    }
    if (!headers.has("content-type")) headers.set("content-type", "text/plain;charset=utf-8");
    return asItIs(new Response(body, { status, headers }));
  }

  function make(handler) {
    return {
      __proto__: null,
      async fetch(request) {
        const event = await eventOf(request, op_eyot_facts(currentId()));
        return responseOf(await call(handler, event));
      },
      invoke: (payload) => call(handler, payload),
    };
  }

  return { make };
})()
