// The host as Deno's files know it: its op names, on ours. What they check themselves is checked by ours again.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayPrototypeIndexOf,
    ArrayPrototypeJoin,
    ArrayPrototypeMap,
    NumberIsNaN,
    RangeError,
    StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt,
    StringPrototypeLastIndexOf,
    StringPrototypeReplace,
    StringPrototypeSlice,
    StringPrototypeSplit,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    Uint8Array,
  } = primordials;
  const {
    op_base64_decode_into,
    op_base64_encode_from_buffer,
    op_base64url_decode,
    op_base64url_decode_into,
    op_base64url_encode_from_buffer,
    op_eyot_node_buffer_compare,
    op_eyot_node_buffer_compare_offset,
    op_eyot_node_decode,
    op_eyot_node_domain_to_ascii,
    op_eyot_node_domain_to_unicode,
    op_eyot_node_is_ascii,
    op_eyot_node_is_utf8,
    op_eyot_node_punycode_decode,
    op_eyot_node_punycode_encode,
  } = core.ops;

  const ENCODINGS = ["utf8", "latin1", "ascii", "utf16le"];

  function outOfRange() {
    const error = new RangeError("Index out of range");
    error.code = "ERR_OUT_OF_RANGE";
    return error;
  }

  function index(value, otherwise) {
    if (value === undefined) return otherwise;
    const number = +value;
    if (NumberIsNaN(number)) return 0;
    if (number < 0) throw outOfRange();
    return number - number % 1;
  }

  function slice(bytes, start, end, encoding) {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    start = index(start, 0);
    end = index(end, length);
    if (end < start) end = start;
    if (end > length) throw outOfRange();
    if (end === start) return "";
    const offset = TypedArrayPrototypeGetByteOffset(bytes) + start;
    return op_eyot_node_decode(new Uint8Array(TypedArrayPrototypeGetBuffer(bytes), offset, end - start), encoding);
  }

  function narrow(text, highest) {
    const bytes = [];
    for (let i = 0; i < text.length; i++) {
      const point = StringPrototypeCodePointAt(text, i);
      if (point > 0xffff) i++;
      bytes[bytes.length] = point > highest ? 63 : point;
    }
    return new Uint8Array(bytes);
  }

  function wide(text) {
    const bytes = new Uint8Array(text.length * 2);
    for (let i = 0; i < text.length; i++) {
      const unit = StringPrototypeCharCodeAt(text, i);
      bytes[2 * i] = unit & 0xff;
      bytes[2 * i + 1] = unit >> 8;
    }
    return bytes;
  }

  function transcode(bytes, from, to) {
    const text = op_eyot_node_decode(bytes, ArrayPrototypeIndexOf(ENCODINGS, from));
    if (to === "utf8") return core.encode(text);
    return to === "utf16le" ? wide(text) : narrow(text, to === "ascii" ? 0x7f : 0xff);
  }

  // https://nodejs.org/api/punycode.html: by labels; what stands before the @ of an address is left as it is.
  function byLabels(domain, convert) {
    const at = StringPrototypeLastIndexOf(domain, "@") + 1;
    const labels = StringPrototypeSplit(
      StringPrototypeReplace(StringPrototypeSlice(domain, at), /[\u3002\uff0e\uff61]/g, "."),
      ".",
    );
    return StringPrototypeSlice(domain, 0, at) + ArrayPrototypeJoin(ArrayPrototypeMap(labels, convert), ".");
  }

  function isAscii(text) {
    for (let i = 0; i < text.length; i++) {
      if (StringPrototypeCharCodeAt(text, i) > 0x7f) return false;
    }
    return true;
  }

  return {
    __proto__: null,
    op_base64_decode_into,
    op_base64_encode_from_buffer,
    op_base64url_decode,
    op_base64url_decode_into,
    op_base64url_encode_from_buffer,
    op_is_ascii: op_eyot_node_is_ascii,
    op_is_utf8: op_eyot_node_is_utf8,
    op_mark_as_untransferable() {},
    op_node_buffer_compare: op_eyot_node_buffer_compare,
    op_node_buffer_compare_offset: op_eyot_node_buffer_compare_offset,
    // Warnings of Deno's about old ways are not for the scripts of others.
    op_node_call_is_from_dependency: () => true,
    op_node_encoding_slice(view, start, end, encoding) {
      if (!ArrayBufferIsView(view)) throw new primordials.TypeError("argument must be a buffer");
      return slice(view, start, end, encoding);
    },
    op_node_get_first_expression: () => undefined,
    op_node_idna_domain_to_ascii: op_eyot_node_domain_to_ascii,
    op_node_idna_domain_to_unicode: op_eyot_node_domain_to_unicode,
    op_node_idna_to_ascii: op_eyot_node_domain_to_ascii,
    op_node_idna_punycode_decode: op_eyot_node_punycode_decode,
    op_node_idna_punycode_encode: op_eyot_node_punycode_encode,
    op_node_idna_punycode_to_ascii: (domain) =>
      byLabels(domain, (label) => isAscii(label) ? label : `xn--${op_eyot_node_punycode_encode(label)}`),
    op_node_idna_punycode_to_unicode: (domain) =>
      byLabels(domain, (label) =>
        StringPrototypeStartsWith(label, "xn--")
          ? op_eyot_node_punycode_decode(StringPrototypeToLowerCase(StringPrototypeSlice(label, 4)))
          : label),
    op_transcode: transcode,
  };
})()
