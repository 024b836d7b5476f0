// path.matchesGlob: https://nodejs.org/api/path.html#pathmatchesglobpath-pattern, segment by segment.
//
// `*`, `?`, `[...]`, `**` and braces as minimatch has them, which Node uses; no form of `+(a|b)`. A backslash of a pattern is a
// slash. What a pattern can become is bounded.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    ArrayPrototypeSplice,
    RangeError,
    RegExpPrototypeExec,
    SafeRegExp,
    StringPrototypeIndexOf,
    StringPrototypeReplaceAll,
    StringPrototypeSlice,
    StringPrototypeSplit,
  } = primordials;
  const { validateString } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  const PATTERN_CHARS_MAX = 64 << 10;
  const EXPANSIONS_MAX = 1000;
  const MAGIC = new SafeRegExp(/[*?[]/);

  /** The end of the braces that open at `open`, and the commas between them that are not in others; null: none. */
  function bracesAt(text, open) {
    const commas = [];
    let depth = 0;
    for (let at = open; at < text.length; at++) {
      if (text[at] === "{") depth++;
      else if (text[at] === "," && depth === 1) ArrayPrototypePush(commas, at);
      else if (text[at] === "}" && --depth === 0) return commas.length === 0 ? null : { __proto__: null, end: at, commas };
    }
    return null;
  }

  /** The patterns that braces stand for. */
  function expanded(pattern, into = []) {
    for (let open = StringPrototypeIndexOf(pattern, "{"); open >= 0; open = StringPrototypeIndexOf(pattern, "{", open + 1)) {
      const braces = bracesAt(pattern, open);
      if (braces === null) continue;
      const before = StringPrototypeSlice(pattern, 0, open);
      const after = StringPrototypeSlice(pattern, braces.end + 1);
      let from = open + 1;
      for (let i = 0; i <= braces.commas.length; i++) {
        const to = i < braces.commas.length ? braces.commas[i] : braces.end;
        expanded(before + StringPrototypeSlice(pattern, from, to) + after, into);
        from = to + 1;
      }
      return into;
    }
    if (into.length >= EXPANSIONS_MAX) throw new RangeError("The pattern stands for too many others.");
    ArrayPrototypePush(into, pattern);
    return into;
  }

  const isFixed = (part) => part === "" || part === "." || part === ".." || part === "**";

  /** Without what leads nowhere: empty segments, ".", and a segment before "..". */
  function segmentsOf(text) {
    const parts = StringPrototypeSplit(text, "/");
    for (let i = 1; i < parts.length; i++) {
      if ((parts[i] === "" && i < parts.length - 1) || parts[i] === ".") ArrayPrototypeSplice(parts, i--, 1);
      else if (parts[i] === ".." && !isFixed(parts[i - 1])) {
        ArrayPrototypeSplice(parts, i - 1, 2);
        i -= 2;
      }
    }
    return parts;
  }

  /** A segment of a pattern: a text, or what it matches. */
  function compiled(segment) {
    if (segment === "**" || RegExpPrototypeExec(MAGIC, segment) === null) return segment;
    let source = "";
    for (let at = 0; at < segment.length; at++) {
      const char = segment[at];
      if (char === "*") {
        while (segment[at + 1] === "*") at++;
        source += "[^/]*?";
      } else if (char === "?") source += "[^/]";
      else if (char === "[") {
        const close = StringPrototypeIndexOf(segment, "]", at + 2);
        if (close < 0) source += "\\[";
        else {
          const isNegated = segment[at + 1] === "!" || segment[at + 1] === "^";
          const inner = StringPrototypeSlice(segment, at + (isNegated ? 2 : 1), close);
          source += `[${isNegated ? "^/" : ""}${StringPrototypeReplaceAll(StringPrototypeReplaceAll(inner, "\\", ""), "[", "\\[")}]`;
          at = close;
        }
      } else source += RegExpPrototypeExec(/[$()+.\\\]^{|}]/, char) === null ? char : `\\${char}`;
    }
    try {
      // What is hidden is named by its dot only.
      return new SafeRegExp(`^${isHidden(segment) ? "(?!\\.{1,2}$)" : "(?!\\.)"}(?=.)${source}$`, "s");
    } catch {
      return segment;
    }
  }

  const isHidden = (segment) => segment[0] === ".";

  function segmentMatches(wanted, segment) {
    return typeof wanted === "string" ? wanted === segment : RegExpPrototypeExec(wanted, segment) !== null;
  }

  /** Whether all segments match: from the end, by what is left of both. */
  function matches(wanted, segments) {
    let later = [];
    for (let j = 0; j <= segments.length; j++) ArrayPrototypePush(later, j === segments.length);
    // A slash at the path's end asks for nothing more.
    if (segments.length > 1 && segments[segments.length - 1] === "") later[segments.length - 1] = true;
    for (let i = wanted.length - 1; i >= 0; i--) {
      const now = [];
      now[segments.length] = wanted[i] === "**" && later[segments.length] && i < wanted.length - 1;
      for (let j = segments.length - 1; j >= 0; j--) {
        now[j] = wanted[i] === "**"
          ? (i < wanted.length - 1 && later[j]) || (!isHidden(segments[j]) && (now[j + 1] || later[j + 1]))
          : segmentMatches(wanted[i], segments[j]) && later[j + 1];
      }
      later = now;
    }
    return later[0] === true;
  }

  function matchGlobPattern(path, pattern, windows) {
    validateString(path, "path");
    validateString(pattern, "pattern");
    if (pattern.length > PATTERN_CHARS_MAX) throw new RangeError("The pattern is too long.");
    if (pattern === "") return path === "";
    const segments = segmentsOf(windows ? StringPrototypeReplaceAll(path, "\\", "/") : path);
    const patterns = expanded(StringPrototypeReplaceAll(pattern, "\\", "/"));
    for (let i = 0; i < patterns.length; i++) {
      const wanted = segmentsOf(patterns[i]);
      for (let j = 0; j < wanted.length; j++) wanted[j] = compiled(wanted[j]);
      if (matches(wanted, segments)) return true;
    }
    return false;
  }

  return { matchGlobPattern };
})()
