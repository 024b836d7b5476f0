// Hops: how a request leaves for the network, each redirect once more: with the number of scripts it has passed through, so
// that loops end, and with as many headers as it may have; and where a redirect leads.
//
// Counted where the headers leave for the host, redirects included: nothing of a script runs after that, and what it says
// under this name itself is not sent.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypePush, NumberPrototypeToString, RegExpPrototypeExec, SafeRegExp, StringPrototypeCharCodeAt,
    StringPrototypeIncludes, StringPrototypeIndexOf, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeToLowerCase, StringPrototypeToUpperCase, TypeError, Uint8Array } = primordials;
  const { op_eyot_fetch, op_fetch } = core.ops;
  const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");
  const { knowsBrotli } = core.loadExtScript("ext:eyot/content_coding.js");

  // The host's table of headers ends its thread when it is full, and no server takes nearly as many.
  const HEADERS_MAX = 1000;
  const HEADERS_LENGTH_MAX = 128 * 1024;

  const NOT_ASCII = new SafeRegExp(/[\x80-\xff]/);

  /** These headers with the count. */
  function counted(headerList) {
    const list = [["eyot-hops", `${(currentRun()?.hops ?? 0) + 1}`]];
    let length = 0;
    for (let i = 0; i < headerList.length; i++) {
      length += headerList[i][0].length + headerList[i][1].length;
      if (i >= HEADERS_MAX || length > HEADERS_LENGTH_MAX) {
        throw new TypeError("A request with more than 1000 headers or 128 KiB of them cannot be sent.");
      }
      if (StringPrototypeToLowerCase(headerList[i][0]) !== "eyot-hops") ArrayPrototypePush(list, headerList[i]);
    }
    return list;
  }

  /** Has it sent; Deno sees to what needs no network. */
  function begin(scheme, method, url, headerList, hasBody, data, resource) {
    const headers = counted(headerList);
    if (scheme !== "http:" && scheme !== "https:") return op_fetch(method, url, headers, null, hasBody, data, resource);
    return op_eyot_fetch(method, url, headers, hasBody, data, resource, knowsBrotli());
  }

  /** What says of a URL's text whether it may be asked for at all. It is one that URL has written, where nothing is left to look for. */
  function schemeAndPort(href) {
    const protocol = StringPrototypeSlice(href, 0, StringPrototypeIndexOf(href, ":") + 1);
    if (protocol !== "http:" && protocol !== "https:") return { protocol, port: "" };
    const start = protocol.length + 2;
    const authority = StringPrototypeSlice(href, start, StringPrototypeIndexOf(href, "/", start));
    const host = StringPrototypeSlice(authority, StringPrototypeLastIndexOf(authority, "@") + 1);
    const colon = StringPrototypeIndexOf(host, ":", StringPrototypeLastIndexOf(host, "]") + 1);
    return { protocol, port: colon === -1 ? "" : StringPrototypeSlice(host, colon + 1) };
  }

  /** A redirect's target: bytes, which are UTF-8 if they can be and else escaped one by one, as in browsers. */
  function locationOf(value) {
    if (RegExpPrototypeExec(NOT_ASCII, value) === null) return value;
    const bytes = new Uint8Array(value.length);
    for (let i = 0; i < value.length; i++) bytes[i] = StringPrototypeCharCodeAt(value, i);
    const text = core.decode(bytes);
    if (!StringPrototypeIncludes(text, "\ufffd")) return text;
    let escaped = "";
    for (let i = 0; i < bytes.length; i++) {
      escaped += bytes[i] < 0x80 ? value[i] : `%${StringPrototypeToUpperCase(NumberPrototypeToString(bytes[i], 16))}`;
    }
    return escaped;
  }

  return { begin, counted, locationOf, schemeAndPort };
})()
