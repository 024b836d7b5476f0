// util.styleText, after deno_node 0.198.0, polyfills/internal/util/inspect.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayIsArray, ObjectKeys, StringPrototypeIndexOf, StringPrototypeSlice } = primordials;
  const { inspect } = core.loadExtScript("ext:eyot_node/lib/internal/util/inspect.js");
  const { codes } = core.loadExtScript("ext:eyot_node/deno/internal/error_codes.js");
  const { shouldColorize } = core.loadExtScript("ext:eyot_node/deno/internal/util/colorize.js");
  const { validateBoolean, validateObject, validateOneOf, validateString } = core.loadExtScript(
    "ext:eyot_node/deno/internal/validators.js",
  );

  const kStyleTextEscape = "\x1B[";
  const kStyleTextEscapeEnd = "m";
  const kStyleTextDimCode = 2;
  const kStyleTextBoldCode = 1;
  function replaceCloseCode(str, closeSeq, openSeq, keepClose) {
    const closeLen = closeSeq.length;
    let index = StringPrototypeIndexOf(str, closeSeq);
    if (index === -1) return str;
    let result = "";
    let lastIndex = 0;
    const replacement = keepClose ? closeSeq + openSeq : openSeq;
    do {
      const afterClose = index + closeLen;
      if (afterClose < str.length) {
        result += StringPrototypeSlice(str, lastIndex, index) + replacement;
        lastIndex = afterClose;
      } else {
        break;
      }
      index = StringPrototypeIndexOf(str, closeSeq, lastIndex);
    } while (index !== -1);
    return result + StringPrototypeSlice(str, lastIndex);
  }
  function styleText(format, text, options) {
    validateString(text, "text");
    if (options !== undefined) {
      validateObject(options, "options");
    }
    const validateStream = options?.validateStream ?? true;
    validateBoolean(validateStream, "options.validateStream");
    if (validateStream) {
      const stream = options?.stream;
      if (stream !== undefined && stream !== null) {
        if (!(typeof stream === "object" && (typeof stream.read === "function" || typeof stream.write === "function" || typeof stream.pipe === "function"))) {
          throw new codes.ERR_INVALID_ARG_TYPE(
            "stream",
            ["ReadableStream", "WritableStream", "Stream"],
            stream
          );
        }
      }
    }
    const formatArray = ArrayIsArray(format) ? format : [format];
    for (let i = 0; i < formatArray.length; i++) {
      const key = formatArray[i];
      if (key === "none") continue;
      if (inspect.colors[key] == null) {
        validateOneOf(key, "format", ObjectKeys(inspect.colors));
      }
    }
    if (validateStream) {
      const effectiveStream = options?.stream ?? globalThis.process?.stdout;
      if (!shouldColorize(effectiveStream)) {
        return text;
      }
    }
    let openCodes = "";
    let closeCodes = "";
    let processedText = text;
    for (let i = 0; i < formatArray.length; i++) {
      const key = formatArray[i];
      if (key === "none") continue;
      const formatCodes = inspect.colors[key];
      const openNum = formatCodes[0];
      const closeNum = formatCodes[1];
      const openSeq = kStyleTextEscape + openNum + kStyleTextEscapeEnd;
      const closeSeq = kStyleTextEscape + closeNum + kStyleTextEscapeEnd;
      const keepClose = openNum === kStyleTextDimCode || openNum === kStyleTextBoldCode;
      openCodes += openSeq;
      closeCodes = closeSeq + closeCodes;
      processedText = replaceCloseCode(
        processedText,
        closeSeq,
        openSeq,
        keepClose
      );
    }
    return `${openCodes}${processedText}${closeCodes}`;
  }

  return { styleText };
})()
