// Blob ranges: what `fetch` gives of a `blob:` URL, all of it or the part that the request's `Range` names.
// https://fetch.spec.whatwg.org/#scheme-fetch
(function () {
  const { core, primordials } = __bootstrap;
  const { MathMin, NumberParseInt, ReflectApply, RegExpPrototypeExec, SafeRegExp, String } = primordials;
  const { getHeader } = core.loadExtScript("ext:deno_fetch/20_headers.js");
  const { Blob } = core.loadExtScript("ext:deno_web/09_file.js");
  const { slice, stream } = Blob.prototype;

  // https://fetch.spec.whatwg.org/#simple-range-header-value, with blanks between its parts.
  const RANGE = new SafeRegExp(/^bytes[\t ]*=[\t ]*([0-9]*)[\t ]*-[\t ]*([0-9]*)$/);

  /** Body, headers and status line; null for a range that is none, or of which the blob has nothing. */
  function answerOf(blob, headerList) {
    const { size, type } = blob;
    const asked = getHeader(headerList, "range");
    if (asked === null) {
      const headers = [["content-length", String(size)], ["content-type", type]];
      return { __proto__: null, stream: ReflectApply(stream, blob, []), headers, status: 200, statusMessage: "OK" };
    }
    const match = RegExpPrototypeExec(RANGE, asked);
    if (match === null || (match[1] === "" && match[2] === "")) return null;
    let first = NumberParseInt(match[1], 10);
    let last = NumberParseInt(match[2], 10);
    if (match[1] === "") {
      first = size - MathMin(last, size);
      last = size - 1;
    } else if (match[2] === "" || last >= size) {
      if (last < first) return null;
      last = size - 1;
    }
    if (first >= size || first > last) return null;
    const part = ReflectApply(slice, blob, [first, last + 1, type]);
    const headers = [
      ["content-length", String(part.size)],
      ["content-type", type],
      ["content-range", `bytes ${first}-${last}/${size}`],
    ];
    return { __proto__: null, stream: ReflectApply(stream, part, []), headers, status: 206, statusMessage: "Partial Content" };
  }

  return { answerOf };
})()
