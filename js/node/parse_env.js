// util.parseEnv: the variables of a .env file, https://nodejs.org/api/util.html#utilparseenvcontent
(function () {
  const { primordials } = __bootstrap;
  const {
    StringPrototypeCharCodeAt,
    StringPrototypeIncludes,
    StringPrototypeIndexOf,
    StringPrototypeReplaceAll,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    StringPrototypeTrim,
  } = primordials;

  const LINE_FEED = 10;
  const QUOTES = "\"'`";

  const lineEnd = (text, at) => {
    const end = StringPrototypeIndexOf(text, "\n", at);
    return end < 0 ? text.length : end;
  };

  function withoutComment(value) {
    const comment = StringPrototypeIndexOf(value, "#");
    return StringPrototypeTrim(comment < 0 ? value : StringPrototypeSlice(value, 0, comment));
  }

  /** The value that starts at this place, and where its line ends. A quoted one may go on over lines. */
  function valueAt(text, at) {
    while (at < text.length && StringPrototypeCharCodeAt(text, at) !== LINE_FEED && StringPrototypeTrim(text[at]) === "") at++;
    const quote = text[at];
    if (at < text.length && StringPrototypeIncludes(QUOTES, quote)) {
      const close = StringPrototypeIndexOf(text, quote, at + 1);
      if (close >= 0) {
        const inner = StringPrototypeSlice(text, at + 1, close);
        const value = quote === '"' ? StringPrototypeReplaceAll(inner, "\\n", "\n") : inner;
        return { __proto__: null, value, end: lineEnd(text, close) };
      }
    }
    const end = lineEnd(text, at);
    return { __proto__: null, value: withoutComment(StringPrototypeSlice(text, at, end)), end };
  }

  function parseEnv(content) {
    const text = StringPrototypeReplaceAll(content, "\r\n", "\n");
    const found = { __proto__: null };
    for (let at = 0; at < text.length;) {
      const end = lineEnd(text, at);
      const line = StringPrototypeTrim(StringPrototypeSlice(text, at, end));
      const equals = StringPrototypeIndexOf(text, "=", at);
      if (line === "" || StringPrototypeStartsWith(line, "#") || equals < 0 || equals > end) {
        at = end + 1;
        continue;
      }
      let name = StringPrototypeTrim(StringPrototypeSlice(text, at, equals));
      if (StringPrototypeStartsWith(name, "export ")) name = StringPrototypeTrim(StringPrototypeSlice(name, 7));
      const read = valueAt(text, equals + 1);
      if (name !== "") found[name] = read.value;
      at = read.end + 1;
    }
    return found;
  }

  return { parseEnv };
})()
