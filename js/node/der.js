// DER: ASN.1 read and written as far as keys and certificates go, https://www.itu.int/rec/T-REC-X.690, and PEM around it.
//
// What is read is never larger than what it was read from; what does not fit its own lengths throws.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    Error,
    NumberParseInt,
    SafeRegExp,
    StringPrototypeIndexOf,
    StringPrototypeReplace,
    StringPrototypeSlice,
    StringPrototypeSplit,
    TypedArrayPrototypeSet,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const { op_base64_decode, op_base64_encode_from_buffer } = core.ops;

  const INTEGER = 2, BIT_STRING = 3, OCTET_STRING = 4, NULL = 5, OID = 6, SEQUENCE = 0x30, SET = 0x31;
  const SPACES = new SafeRegExp(/\s+/g);
  const BEGIN = "-----BEGIN ";

  const malformed = () => new Error("error:0680008E:asn1 encoding routines::not enough data");

  /** The element that starts at this place: its tag, what it holds, all of it, and where the next one starts. */
  function elementAt(bytes, at) {
    const first = bytes[at + 1];
    let start = at + 2, length = first;
    if (first >= 0x80) {
      const count = first - 0x80;
      if (count === 0 || count > 3) throw malformed();
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + bytes[start++];
    }
    const end = start + length;
    // A byte that is not there is undefined, and makes this no number.
    if (!(end <= bytes.length) || (bytes[at] & 31) === 31) throw malformed();
    return {
      __proto__: null,
      tag: bytes[at],
      content: TypedArrayPrototypeSubarray(bytes, start, end),
      whole: TypedArrayPrototypeSubarray(bytes, at, end),
      end,
    };
  }

  /** The only element of these bytes. */
  function element(bytes, tag) {
    const found = elementAt(bytes, 0);
    if (found.tag !== tag) throw malformed();
    return found;
  }

  /** What a constructed element holds. */
  function children(content) {
    const found = [];
    for (let at = 0; at < content.length;) {
      const child = elementAt(content, at);
      ArrayPrototypePush(found, child);
      at = child.end;
    }
    return found;
  }

  /** An object identifier as text; an arc that no number holds is not one. */
  function oidOf(content) {
    let text = "", arc = 0, first = true;
    for (let i = 0; i < content.length; i++) {
      if (arc > 2 ** 45) throw malformed();
      arc = arc * 128 + (content[i] & 127);
      if (content[i] & 128) continue;
      if (first) {
        const top = arc < 40 ? 0 : arc < 80 ? 1 : 2;
        text = `${top}.${arc - 40 * top}`;
      } else text += `.${arc}`;
      first = false;
      arc = 0;
    }
    return text;
  }

  /** A number of no more than six bytes. */
  function numberOf(content) {
    let number = 0;
    for (let i = 0; i < content.length; i++) number = number * 256 + content[i];
    if (content.length === 0 || content.length > 6 || content[0] >= 128) throw malformed();
    return number;
  }

  /** An element of these parts. */
  function made(tag, ...parts) {
    let length = 0;
    for (let i = 0; i < parts.length; i++) length += parts[i].length;
    const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255];
    const bytes = new Uint8Array(head.length + length);
    TypedArrayPrototypeSet(bytes, head);
    let at = head.length;
    for (let i = 0; i < parts.length; i++) {
      TypedArrayPrototypeSet(bytes, parts[i], at);
      at += parts[i].length;
    }
    return bytes;
  }

  function oid(text) {
    const arcs = StringPrototypeSplit(text, ".");
    const bytes = [NumberParseInt(arcs[0]) * 40 + NumberParseInt(arcs[1])];
    for (let i = 2; i < arcs.length; i++) {
      const arc = NumberParseInt(arcs[i]);
      for (let shift = 28; shift > 0; shift -= 7) {
        if (arc >= 2 ** shift) ArrayPrototypePush(bytes, ((arc >> shift) & 127) | 128);
      }
      ArrayPrototypePush(bytes, arc & 127);
    }
    return made(OID, bytes);
  }

  /** A small number. */
  const integer = (number) => made(INTEGER, number < 128 ? [number] : [number >> 8, number & 255]);

  function hex(bytes, between = "") {
    let text = "";
    for (let i = 0; i < bytes.length; i++) {
      text += (i === 0 ? "" : between) + (bytes[i] < 16 ? "0" : "") + bytes[i].toString(16);
    }
    return text;
  }

  /** A document as lines of base64; `head` stands before them. */
  function pem(label, der, head = "") {
    const text = op_base64_encode_from_buffer(der, 0, der.length);
    let lines = head;
    for (let at = 0; at < text.length; at += 64) lines += StringPrototypeSlice(text, at, at + 64) + "\n";
    return `${BEGIN}${label}-----\n${lines}-----END ${label}-----\n`;
  }

  /** The first block of a PEM text that `wanted` says yes to: its label, and what stands in it. */
  function block(text, wanted) {
    for (let at = StringPrototypeIndexOf(text, BEGIN); at >= 0; at = StringPrototypeIndexOf(text, BEGIN, at)) {
      at += BEGIN.length;
      const labelEnd = StringPrototypeIndexOf(text, "-----", at);
      const end = StringPrototypeIndexOf(text, "-----END ", at);
      if (labelEnd < 0 || end < labelEnd) return null;
      const label = StringPrototypeSlice(text, at, labelEnd);
      const body = StringPrototypeSlice(text, labelEnd + 5, end);
      if (wanted(label, body)) return { __proto__: null, label, body };
      at = end;
    }
    return null;
  }

  const derOf = (body) => op_base64_decode(StringPrototypeReplace(body, SPACES, ""));

  return { BIT_STRING, INTEGER, NULL, OCTET_STRING, OID, SEQUENCE, SET, block, children, derOf, element, hex, integer, made,
    malformed, numberOf, oid, oidOf, pem };
})()
