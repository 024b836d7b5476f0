// Name-value pairs of a long application/x-www-form-urlencoded text, piece by piece: https://url.spec.whatwg.org/#urlencoded-parsing
//
// What the host makes of a text has many times its size, and is V8's to count and to end only when it is a list of V8's.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeIndexOf,
    TypedArrayPrototypeSubarray,
  } = primordials;
  const { op_url_parse_search_params } = core.ops;

  const PIECE = 1 << 16;
  const AMPERSAND = 0x26;

  /** The pairs of a text; of bytes where that is null. */
  function pairsOf(text, bytes) {
    const length = text === null ? TypedArrayPrototypeGetByteLength(bytes) : text.length;
    const list = [];
    for (let at = 0, end = 0; at < length; at = end + 1) {
      end = endOf(text, bytes, at + PIECE, length);
      const pairs = text === null
        ? op_url_parse_search_params(null, TypedArrayPrototypeSubarray(bytes, at, end))
        : op_url_parse_search_params(StringPrototypeSlice(text, at, end));
      for (let i = 0; i < pairs.length; i++) ArrayPrototypePush(list, pairs[i]);
    }
    return list;
  }

  /** Where the first pair that does not end before this place ends. */
  function endOf(text, bytes, place, length) {
    if (place >= length) return length;
    const end = text === null ? TypedArrayPrototypeIndexOf(bytes, AMPERSAND, place) : StringPrototypeIndexOf(text, "&", place);
    return end === -1 ? length : end;
  }

  return { pairsOf };
})()
