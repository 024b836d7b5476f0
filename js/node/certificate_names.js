// Names that a certificate is for, compared as OpenSSL's `X509_check_host` and its siblings do: RFC 6125, 6.4.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    NumberParseInt,
    ObjectAssign,
    ObjectFreeze,
    RegExpPrototypeExec,
    StringPrototypeEndsWith,
    StringPrototypeIncludes,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeSplit,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    TypeError,
  } = primordials;
  const { loadExtScript } = core;
  const { attributesOf, latin1, namesOf, same } = loadExtScript("ext:eyot_node/certificate_reading.js");
  const { ERR_INVALID_ARG_VALUE } = loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { validateBoolean, validateObject, validateString } = loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { isIP } = loadExtScript("ext:eyot_node/addresses.js");

  const DEFAULTS = ObjectFreeze({ __proto__: null });

  function checkOptions(options = DEFAULTS) {
    validateObject(options, "options");
    const {
      subject = "default",
      wildcards = true,
      partialWildcards = true,
      multiLabelWildcards = false,
      singleLabelSubdomains = false,
    } = options;
    validateString(subject, "options.subject");
    validateBoolean(wildcards, "options.wildcards");
    validateBoolean(partialWildcards, "options.partialWildcards");
    validateBoolean(multiLabelWildcards, "options.multiLabelWildcards");
    validateBoolean(singleLabelSubdomains, "options.singleLabelSubdomains");
    if (subject !== "default" && subject !== "always" && subject !== "never") {
      throw new ERR_INVALID_ARG_VALUE("options.subject", subject);
    }
    return { __proto__: null, subject, wildcards, partialWildcards, multiLabelWildcards, singleLabelSubdomains };
  }

  function hostMatches(pattern, name, options) {
    pattern = StringPrototypeToLowerCase(pattern);
    // A leading dot asks for any subdomain.
    if (name[0] === "." && name.length > 1) {
      if (!StringPrototypeEndsWith(pattern, name) || pattern.length === name.length) return false;
      return !options.singleLabelSubdomains ||
        StringPrototypeIndexOf(StringPrototypeSlice(pattern, 0, pattern.length - name.length), ".") < 0;
    }
    if (pattern === name) return true;
    const star = StringPrototypeIndexOf(pattern, "*");
    const dot = StringPrototypeIndexOf(pattern, ".");
    if (!options.wildcards || star < 0 || dot < star || StringPrototypeIndexOf(pattern, "*", star + 1) >= 0) return false;
    // Two labels behind it, and none of an internationalised name around it.
    const [before, between] = [StringPrototypeSlice(pattern, 0, star), StringPrototypeSlice(pattern, star + 1, dot)];
    if (StringPrototypeIndexOf(pattern, ".", dot + 1) < 0) return false;
    if (before !== "" || between !== "") {
      if (!options.partialWildcards || StringPrototypeStartsWith(pattern, "xn--")) return false;
    }
    const after = between + StringPrototypeSlice(pattern, dot);
    if (name.length < before.length + after.length) return false;
    if (!StringPrototypeStartsWith(name, before) || !StringPrototypeEndsWith(name, after)) return false;
    const covered = StringPrototypeSlice(name, before.length, name.length - after.length);
    if (covered === "" && before === "" && between === "") return false;
    if (StringPrototypeStartsWith(name, "xn--") && (before !== "" || between !== "")) return false;
    return options.multiLabelWildcards && before === "" && between === ""
      ? RegExpPrototypeExec(/^[a-z0-9.-]+$/, covered) !== null
      : RegExpPrototypeExec(/^[a-z0-9-]*$/, covered) !== null;
  }

  /** The first name of the certificate that `matches`: of its alternative names, else of its subject. */
  function matching(certificate, tag, attribute, { subject }, matches) {
    const names = namesOf(certificate);
    let has = false;
    for (let i = 0; names !== null && i < names.length; i++) {
      if (names[i].tag !== tag) continue;
      has = true;
      const text = latin1(names[i].content);
      if (matches(text)) return text;
    }
    if (subject === "never" || (has && subject !== "always")) return undefined;
    const attributes = attributesOf(certificate.subject);
    for (let i = 0; i < attributes.length; i++) {
      if (attributes[i][0] === attribute && matches(attributes[i][1])) return attributes[i][1];
    }
    return undefined;
  }

  function sameMailbox(left, right) {
    const [leftAt, rightAt] = [StringPrototypeIndexOf(left, "@"), StringPrototypeIndexOf(right, "@")];
    if (leftAt < 0 || rightAt < 0) return left === right;
    return StringPrototypeSlice(left, 0, leftAt) === StringPrototypeSlice(right, 0, rightAt) &&
      StringPrototypeToLowerCase(StringPrototypeSlice(left, leftAt)) === StringPrototypeToLowerCase(StringPrototypeSlice(right, rightAt));
  }

  /** An address's bytes. */
  function addressBytes(text) {
    const version = isIP(text);
    if (version === 0) return null;
    const groups = [];
    const push = (number) => {
      ArrayPrototypePush(groups, number >> 8);
      ArrayPrototypePush(groups, number & 255);
    };
    if (version === 4) {
      const parts = StringPrototypeSplit(text, ".");
      for (let i = 0; i < 4; i++) ArrayPrototypePush(groups, NumberParseInt(parts[i]));
      return groups;
    }
    const words = (half) => {
      const found = [];
      if (half === "") return found;
      const parts = StringPrototypeSplit(half, ":");
      for (let i = 0; i < parts.length; i++) {
        if (StringPrototypeIndexOf(parts[i], ".") < 0) ArrayPrototypePush(found, NumberParseInt(parts[i], 16));
        else {
          const four = addressBytes(parts[i]);
          ArrayPrototypePush(found, four[0] * 256 + four[1]);
          ArrayPrototypePush(found, four[2] * 256 + four[3]);
        }
      }
      return found;
    };
    const at = StringPrototypeIndexOf(text, "::");
    const first = words(at < 0 ? text : StringPrototypeSlice(text, 0, at));
    const last = at < 0 ? [] : words(StringPrototypeSlice(text, at + 2));
    for (let i = 0; i < first.length; i++) push(first[i]);
    for (let i = first.length + last.length; i < 8; i++) push(0);
    for (let i = 0; i < last.length; i++) push(last[i]);
    return groups;
  }

  /** The host name of the certificate that stands for this one. */
  function checkHost(certificate, name, options) {
    validateString(name, "name");
    const checked = checkOptions(options);
    if (StringPrototypeIncludes(name, "\0")) throw new ERR_INVALID_ARG_VALUE("name", name);
    const wanted = StringPrototypeToLowerCase(name);
    return matching(certificate, 0x82, "CN", checked, (pattern) => hostMatches(pattern, wanted, checked));
  }

  function checkEmail(certificate, email, options) {
    validateString(email, "email");
    const checked = checkOptions(options);
    if (StringPrototypeIncludes(email, "\0")) throw new ERR_INVALID_ARG_VALUE("email", email);
    const found = matching(certificate, 0x81, "emailAddress", checked, (mailbox) => sameMailbox(mailbox, email));
    return found === undefined ? undefined : email;
  }

  function checkIP(certificate, ip, options) {
    validateString(ip, "ip");
    checkOptions(options);
    const wanted = addressBytes(ip);
    if (wanted === null) throw ObjectAssign(new TypeError("Invalid name"), { code: "ERR_INVALID_ARG_VALUE" });
    const names = namesOf(certificate);
    for (let i = 0; names !== null && i < names.length; i++) {
      if (names[i].tag === 0x87 && same(names[i].content, wanted)) return ip;
    }
    return undefined;
  }

  return { checkEmail, checkHost, checkIP };
})()
