// What the forms of other platforms make of a request: its headers, its query, and its body as text or bytes.
//
// Reads the request's own header list, not what a script can replace.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    ObjectHasOwn,
    StringPrototypeEndsWith,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    StringPrototypeTrim,
    TypedArrayPrototypeGetLength,
    Uint8Array,
  } = primordials;
  const { loadExtScript } = core;
  const { toInnerRequest, RequestPrototype } = loadExtScript("ext:deno_fetch/23_request.js");
  const { URL, URLSearchParams } = loadExtScript("ext:deno_web/00_url.js");
  const { TextDecoder } = loadExtScript("ext:deno_web/08_text_encoding.js");
  const readBuffer = RequestPrototype.arrayBuffer;

  /** Headers by lower-case name, those that come twice joined by `, `; cookies by `; `. */
  function headersOf(request) {
    const headers = {};
    const list = toInnerRequest(request).headerList;
    for (let i = 0; i < list.length; i++) {
      const name = StringPrototypeToLowerCase(list[i][0]);
      if (ObjectHasOwn(headers, name)) {
        headers[name] += `${name === "cookie" ? "; " : ", "}${list[i][1]}`;
      } else {
        define(headers, name, list[i][1]);
      }
    }
    return headers;
  }

  /** An own property whatever its name: `__proto__` too. */
  function define(object, name, value) {
    primordials.ObjectDefineProperty(object, name, {
      __proto__: null,
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }

  /** Query parameters, or a form's fields; `merge` says what becomes of a name that comes twice. */
  function fieldsOf(text, merge) {
    const fields = {};
    for (const [name, value] of new URLSearchParams(text)) {
      define(fields, name, ObjectHasOwn(fields, name) ? merge(fields[name], value) : value);
    }
    return fields;
  }

  /** Query parameters as Express has them: a list for a name that comes twice. */
  function listed(before, value) {
    if (typeof before === "string") return [before, value];
    ArrayPrototypePush(before, value);
    return before;
  }

  /** The media type of a `content-type`, without parameters. */
  function mediaType(headers) {
    const type = headers["content-type"] ?? "";
    const end = StringPrototypeIndexOf(type, ";");
    return StringPrototypeToLowerCase(StringPrototypeTrim(end < 0 ? type : StringPrototypeSlice(type, 0, end)));
  }

  function isJson(type) {
    return type === "application/json" || StringPrototypeEndsWith(type, "+json");
  }

  const FORM = "application/x-www-form-urlencoded";

  function isText(type) {
    return type === "" || type === FORM || isJson(type) || StringPrototypeStartsWith(type, "text/") ||
      StringPrototypeEndsWith(type, "+xml") || type === "application/xml" || type === "application/javascript" ||
      type === "application/graphql";
  }

  /** The whole body: its bytes, and its text when type and bytes say that it is some. */
  async function bodyOf(request, type) {
    const bytes = new Uint8Array(await primordials.ReflectApply(readBuffer, request, []));
    if (TypedArrayPrototypeGetLength(bytes) === 0) return { bytes, text: "", isEmpty: true };
    let text;
    if (isText(type)) {
      try {
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        text = undefined;
      }
    }
    return { bytes, text, isEmpty: false };
  }

  return { FORM, URL, bodyOf, define, fieldsOf, headersOf, isJson, isText, listed, mediaType };
})()
