// Certificates as they are read: RFC 5280, with our own DER, https://www.rfc-editor.org/rfc/rfc5280.
//
// Texts are written as Node has OpenSSL write them.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeJoin,
    ArrayPrototypePush,
    Error,
    JSONStringify,
    NumberParseInt,
    ObjectAssign,
    RegExpPrototypeExec,
    SafeRegExp,
    StringFromCharCode,
    StringPrototypeCharCodeAt,
    StringPrototypeEndsWith,
    StringPrototypeIncludes,
    StringPrototypePadStart,
    StringPrototypeSlice,
    StringPrototypeReplaceAll,
    StringPrototypeStartsWith,
    StringPrototypeToUpperCase,
    TypedArrayPrototypeSlice,
    TypedArrayPrototypeSubarray,
  } = primordials;
  const { loadExtScript } = core;
  const { BIT_STRING, INTEGER, OCTET_STRING, OID, SEQUENCE, block, children, derOf, element, hex, malformed, oidOf } = loadExtScript("ext:eyot_node/der.js");
  const ops = loadExtScript("ext:eyot_node/crypto_ops.js");

  const DOCUMENT_BYTES_MAX = 32 << 10;
  const BMP_STRING = 30, UNIVERSAL_STRING = 28, UTF8_STRING = 12, BOOLEAN = 1, GENERALIZED_TIME = 24;
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const ATTRIBUTE = "2.5.4.";
  // Short names of attributes, by what stands behind that, and the others.
  const SHORT = { __proto__: null, 3: "CN", 4: "SN", 5: "serialNumber", 6: "C", 7: "L", 8: "ST", 9: "street", 10: "O", 11: "OU",
    12: "title", 13: "description", 15: "businessCategory", 17: "postalCode", 41: "name", 42: "GN", 43: "initials",
    44: "generationQualifier", 46: "dnQualifier", 65: "pseudonym", 97: "organizationIdentifier" };
  const OTHERS = { __proto__: null, "1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.25": "DC",
    "0.9.2342.19200300.100.1.1": "UID", "1.2.840.113549.1.9.2": "unstructuredName",
    "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL", "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
    "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC" };
  const EXTENSIONS = { __proto__: null, "2.5.29.14": "subjectKey", "2.5.29.15": "usage", "2.5.29.17": "names",
    "2.5.29.19": "constraints", "2.5.29.35": "authorityKey", "2.5.29.37": "purposes", "1.3.6.1.5.5.7.1.1": "access" };
  const ACCESS = { __proto__: null, "1.3.6.1.5.5.7.48.1": "OCSP", "1.3.6.1.5.5.7.48.2": "CA Issuers" };
  // Names of signature algorithms, and the hashes that they sign.
  const SIGNATURES = { __proto__: null,
    "1.2.840.113549.1.1.4": ["md5WithRSAEncryption", "md5"], "1.2.840.113549.1.1.5": ["sha1WithRSAEncryption", "sha1"],
    "1.2.840.113549.1.1.14": ["sha224WithRSAEncryption", "sha224"], "1.2.840.113549.1.1.11": ["sha256WithRSAEncryption", "sha256"],
    "1.2.840.113549.1.1.12": ["sha384WithRSAEncryption", "sha384"], "1.2.840.113549.1.1.13": ["sha512WithRSAEncryption", "sha512"],
    "1.2.840.10045.4.1": ["ecdsa-with-SHA1", "sha1"], "1.2.840.10045.4.3.1": ["ecdsa-with-SHA224", "sha224"],
    "1.2.840.10045.4.3.2": ["ecdsa-with-SHA256", "sha256"], "1.2.840.10045.4.3.3": ["ecdsa-with-SHA384", "sha384"],
    "1.2.840.10045.4.3.4": ["ecdsa-with-SHA512", "sha512"], "1.3.101.112": ["ED25519", null],
    "1.2.840.113549.1.1.10": ["rsassaPss", null] };
  const KEY_CERT_SIGN = 4;
  const PLAIN = new SafeRegExp(/^[\x20-\x7e]*$/);
  const UNSAFE = new SafeRegExp(/[,'"\\]/);

  function latin1(bytes) {
    let text = "";
    for (let i = 0; i < bytes.length; i++) text += StringFromCharCode(bytes[i]);
    return text;
  }

  function textOf({ tag, content }) {
    if (tag === UTF8_STRING) return core.decode(content);
    if (tag !== BMP_STRING && tag !== UNIVERSAL_STRING) return latin1(content);
    let text = "";
    const wide = tag === BMP_STRING ? 2 : 4;
    for (let i = wide - 2; i + 1 < content.length; i += wide) text += StringFromCharCode(content[i] * 256 + content[i + 1]);
    return text;
  }

  /** RFC 2253, and control characters as their codes. */
  function escaped(text) {
    let out = "";
    for (let i = 0; i < text.length; i++) {
      const char = text[i], code = StringPrototypeCharCodeAt(text, i);
      const edge = i === 0 && (char === "#" || char === " ") || i === text.length - 1 && char === " ";
      if (code < 32 || code === 127) out += `\\${StringPrototypePadStart(StringPrototypeToUpperCase(code.toString(16)), 2, "0")}`;
      else out += (edge || StringPrototypeIncludes(',+"\\<>;', char) ? "\\" : "") + char;
    }
    return out;
  }

  const shortName = (oid) =>
    (StringPrototypeStartsWith(oid, ATTRIBUTE) ? SHORT[StringPrototypeSlice(oid, ATTRIBUTE.length)] : OTHERS[oid]) ?? oid;

  /** The attributes of a name in their order, or from its end: short name, text, and whether another one stands beside it. */
  function attributesOf(name, fromEnd = false) {
    const list = [];
    const sets = children(name.content);
    for (let i = 0; i < sets.length; i++) {
      const set = children(sets[fromEnd ? sets.length - 1 - i : i].content);
      for (let j = 0; j < set.length; j++) {
        const { 0: type, 1: value } = children(set[j].content);
        ArrayPrototypePush(list, [shortName(oidOf(type.content)), textOf(value), j > 0]);
      }
    }
    return list;
  }

  function nameText(attributes, between = "\n") {
    let text = "";
    for (let i = 0; i < attributes.length; i++) {
      const { 0: name, 1: value, 2: joined } = attributes[i];
      text += `${i === 0 ? "" : joined ? " + " : between}${name}=${escaped(value)}`;
    }
    return text;
  }

  /** The same as an object; what is there several times is a list. */
  function nameObject(attributes) {
    const object = { __proto__: null };
    for (let i = 0; i < attributes.length; i++) {
      const { 0: name, 1: value } = attributes[i];
      if (object[name] === undefined) object[name] = value;
      else if (typeof object[name] === "string") object[name] = [object[name], value];
      else ArrayPrototypePush(object[name], value);
    }
    return object;
  }

  function timeOf({ tag, content }) {
    let text = latin1(content);
    if (tag !== GENERALIZED_TIME) text = (NumberParseInt(StringPrototypeSlice(text, 0, 2)) >= 50 ? "19" : "20") + text;
    const part = (from, to) => StringPrototypeSlice(text, from, to);
    const month = MONTHS[NumberParseInt(part(4, 6)) - 1];
    if (month === undefined || !StringPrototypeEndsWith(text, "Z")) throw malformed();
    const day = StringPrototypePadStart(`${NumberParseInt(part(6, 8))}`, 2, " ");
    return `${month} ${day} ${part(8, 10)}:${part(10, 12)}:${part(12, 14)} ${NumberParseInt(part(0, 4))} GMT`;
  }

  function addressText(bytes) {
    if (bytes.length === 4) return ArrayPrototypeJoin([bytes[0], bytes[1], bytes[2], bytes[3]], ".");
    if (bytes.length !== 16) return "<invalid>";
    const groups = [];
    for (let i = 0; i < 16; i += 2) {
      ArrayPrototypePush(groups, StringPrototypeToUpperCase((bytes[i] * 256 + bytes[i + 1]).toString(16)));
    }
    return ArrayPrototypeJoin(groups, ":");
  }

  /** A text that cannot be taken for two names, https://nvd.nist.gov/vuln/detail/CVE-2021-44532. */
  function unambiguous(text) {
    if (RegExpPrototypeExec(PLAIN, text) !== null && RegExpPrototypeExec(UNSAFE, text) === null) return text;
    return StringPrototypeReplaceAll(JSONStringify(text), ",", "\\u002c");
  }

  function generalName({ tag, content }) {
    switch (tag) {
      case 0x81:
        return `email:${unambiguous(latin1(content))}`;
      case 0x82:
        return `DNS:${unambiguous(latin1(content))}`;
      case 0x86:
        return `URI:${unambiguous(latin1(content))}`;
      case 0x87:
        return `IP Address:${addressText(content)}`;
      case 0x88:
        return `Registered ID:${oidOf(content)}`;
      case 0xa4:
        return `DirName:${unambiguous(nameText(attributesOf(element(content, SEQUENCE), true), ","))}`;
      case 0xa0:
        return "othername:<unsupported>";
      case 0xa3:
        return "X400Name:<unsupported>";
      default:
        return "EdiPartyName:<unsupported>";
    }
  }

  // Reading.

  function extensionsOf(list) {
    const found = { __proto__: null };
    const all = children(element(list.content, SEQUENCE).content);
    for (let i = 0; i < all.length; i++) {
      const parts = children(all[i].content);
      const name = EXTENSIONS[oidOf(parts[0].content)];
      const value = parts[parts.length - 1];
      if (value.tag !== OCTET_STRING) throw malformed();
      if (name !== undefined) found[name] = value.content;
    }
    return found;
  }

  /** What is known of a certificate, of its DER. */
  function read(raw) {
    const { 0: tbs, 1: algorithm, 2: signature } = children(element(raw, SEQUENCE).content);
    if (signature?.tag !== BIT_STRING || tbs.tag !== SEQUENCE) throw malformed();
    const fields = children(tbs.content);
    let at = fields[0].tag === 0xa0 ? 1 : 0;
    const serial = fields[at], issuer = fields[at + 2], validity = fields[at + 3], subject = fields[at + 4], spki = fields[at + 5];
    at += 6;
    if (serial?.tag !== INTEGER || spki?.tag !== SEQUENCE) throw malformed();
    let extensions = { __proto__: null };
    for (; at < fields.length; at++) if (fields[at].tag === 0xa3) extensions = extensionsOf(fields[at]);
    const { 0: from, 1: to } = children(validity.content);
    const { 0: oid } = children(algorithm.content);
    return {
      __proto__: null,
      raw,
      tbs: tbs.whole,
      algorithm: oidOf(oid.content),
      signature: TypedArrayPrototypeSubarray(signature.content, 1),
      serial: serial.content,
      issuer,
      subject,
      spki: spki.whole,
      validFrom: timeOf(from),
      validTo: timeOf(to),
      extensions,
    };
  }

  const noCertificate = () =>
    ObjectAssign(new Error("error:0480006C:PEM routines::no start line"), { code: "ERR_OSSL_PEM_NO_START_LINE" });

  const OF_X509 = { __proto__: null, CERTIFICATE: true, "TRUSTED CERTIFICATE": true, "X509 CERTIFICATE": true };

  function certificateOf(bytes) {
    if (bytes.length > DOCUMENT_BYTES_MAX) throw noCertificate();
    const found = block(core.decode(bytes), (label) => OF_X509[label] === true);
    try {
      return read(found === null ? TypedArrayPrototypeSlice(element(bytes, SEQUENCE).whole) : element(derOf(found.body), SEQUENCE).whole);
    } catch {
      throw noCertificate();
    }
  }

  const namesOf = ({ extensions }) => extensions.names === undefined ? null : children(element(extensions.names, SEQUENCE).content);

  function fingerprint({ raw }, hash) {
    return StringPrototypeToUpperCase(hex(digest(hash, raw), ":"));
  }

  function digest(hash, bytes) {
    const hasher = ops.op_node_create_hash(hash);
    ops.op_node_hash_update(hasher, bytes);
    return ops.op_node_hash_digest(hasher);
  }

  function accessOf({ extensions }) {
    if (extensions.access === undefined) return null;
    const list = [];
    const all = children(element(extensions.access, SEQUENCE).content);
    for (let i = 0; i < all.length; i++) {
      const { 0: method, 1: location } = children(all[i].content);
      const oid = oidOf(method.content);
      ArrayPrototypePush(list, `${ACCESS[oid] ?? oid} - ${generalName(location)}`);
    }
    return list;
  }

  function isAuthority({ extensions }) {
    if (extensions.constraints === undefined) return false;
    const { 0: first } = children(element(extensions.constraints, SEQUENCE).content);
    return first?.tag === BOOLEAN && first.content[0] !== 0;
  }

  function purposesOf({ extensions }) {
    if (extensions.purposes === undefined) return undefined;
    const list = [];
    const all = children(element(extensions.purposes, SEQUENCE).content);
    for (let i = 0; i < all.length; i++) if (all[i].tag === OID) ArrayPrototypePush(list, oidOf(all[i].content));
    return list;
  }

  function same(left, right) {
    if (left.length !== right.length) return false;
    for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
    return true;
  }

  /** Whether `issuer` may have issued it: their names, their keys' ids, and what its key is for. */
  function mayHaveIssued(issuer, certificate) {
    if (!same(issuer.subject.whole, certificate.issuer.whole)) return false;
    const { authorityKey } = certificate.extensions;
    const { subjectKey, usage } = issuer.extensions;
    if (authorityKey !== undefined) {
      const parts = children(element(authorityKey, SEQUENCE).content);
      for (let i = 0; i < parts.length; i++) {
        const { tag, content } = parts[i];
        if (tag === 0x80 && subjectKey !== undefined && !same(content, element(subjectKey, OCTET_STRING).content)) return false;
        if (tag === 0x82 && !same(content, issuer.serial)) return false;
      }
    }
    if (usage === undefined) return true;
    return (element(usage, BIT_STRING).content[1] & KEY_CERT_SIGN) !== 0;
  }

  function isSignedBy({ algorithm, signature, tbs }, handle) {
    const hash = SIGNATURES[algorithm]?.[1];
    if (algorithm === "1.3.101.112") return ops.op_node_verify_ed25519(handle, tbs, signature);
    if (hash === undefined || hash === null) return false;
    try {
      return ops.op_node_verify(handle, digest(hash, tbs), hash, signature, null, 1, 0);
    } catch {
      // A key of another kind.
      return false;
    }
  }

  return { DOCUMENT_BYTES_MAX, SIGNATURES, accessOf, attributesOf, certificateOf, fingerprint, generalName, isAuthority, isSignedBy,
    latin1, mayHaveIssued, nameObject, nameText, namesOf, purposesOf, same };
})()
