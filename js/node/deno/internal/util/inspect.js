// deno_node 0.198.0, polyfills/internal/util/inspect.mjs, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    FunctionPrototypeCall,
    JSONStringify,
    Number,
    NumberParseFloat,
    NumberParseInt,
    ObjectAssign,
    ObjectCreate,
    ObjectDefineProperty,
    ObjectGetPrototypeOf,
    ObjectGetOwnPropertyDescriptor,
    ObjectKeys,
    ObjectPrototypeHasOwnProperty,
    RegExpPrototypeExec,
    RegExpPrototypeTest,
    SafeRegExp,
    SafeSet,
    SafeStringIterator,
    SetPrototypeHas,
    String,
    StringPrototypeAt,
    StringPrototypeCharCodeAt,
    StringPrototypeCodePointAt,
    StringPrototypeNormalize,
    StringPrototypeIndexOf,
    StringPrototypeReplace,
    StringPrototypeSlice,
    StringPrototypeSplit,
    SymbolFor,
    SymbolToPrimitive
  } = primordials;
  const {
    validateBoolean,
    validateObject,
    validateOneOf,
    validateString
  } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { codes } = core.loadExtScript("ext:eyot_node/deno/internal/error_codes.js");
  const { shouldColorize } = core.loadExtScript(
    "ext:eyot_node/deno/internal/util/colorize.js"
  );
  const {
    createStylizeWithColor,
    formatBigInt,
    formatNumber,
    formatValue
  } = core.loadExtScript("ext:deno_web/01_console.js");
  const defaultFG = 39;
  const defaultBG = 49;
  inspect.colors = {
    reset: [0, 0],
    bold: [1, 22],
    dim: [2, 22],
    // Alias: faint
    italic: [3, 23],
    underline: [4, 24],
    blink: [5, 25],
    // Swap foreground and background colors
    inverse: [7, 27],
    // Alias: swapcolors, swapColors
    hidden: [8, 28],
    // Alias: conceal
    strikethrough: [9, 29],
    // Alias: strikeThrough, crossedout, crossedOut
    doubleunderline: [21, 24],
    // Alias: doubleUnderline
    black: [30, defaultFG],
    red: [31, defaultFG],
    green: [32, defaultFG],
    yellow: [33, defaultFG],
    blue: [34, defaultFG],
    magenta: [35, defaultFG],
    cyan: [36, defaultFG],
    white: [37, defaultFG],
    bgBlack: [40, defaultBG],
    bgRed: [41, defaultBG],
    bgGreen: [42, defaultBG],
    bgYellow: [43, defaultBG],
    bgBlue: [44, defaultBG],
    bgMagenta: [45, defaultBG],
    bgCyan: [46, defaultBG],
    bgWhite: [47, defaultBG],
    framed: [51, 54],
    overlined: [53, 55],
    gray: [90, defaultFG],
    // Alias: grey, blackBright
    redBright: [91, defaultFG],
    greenBright: [92, defaultFG],
    yellowBright: [93, defaultFG],
    blueBright: [94, defaultFG],
    magentaBright: [95, defaultFG],
    cyanBright: [96, defaultFG],
    whiteBright: [97, defaultFG],
    bgGray: [100, defaultBG],
    // Alias: bgGrey, bgBlackBright
    bgRedBright: [101, defaultBG],
    bgGreenBright: [102, defaultBG],
    bgYellowBright: [103, defaultBG],
    bgBlueBright: [104, defaultBG],
    bgMagentaBright: [105, defaultBG],
    bgCyanBright: [106, defaultBG],
    bgWhiteBright: [107, defaultBG]
  };
  function defineColorAlias(target, alias) {
    ObjectDefineProperty(inspect.colors, alias, {
      __proto__: null,
      get() {
        return this[target];
      },
      set(value) {
        this[target] = value;
      },
      configurable: true,
      enumerable: false
    });
  }
  defineColorAlias("gray", "grey");
  defineColorAlias("gray", "blackBright");
  defineColorAlias("bgGray", "bgGrey");
  defineColorAlias("bgGray", "bgBlackBright");
  defineColorAlias("dim", "faint");
  defineColorAlias("strikethrough", "crossedout");
  defineColorAlias("strikethrough", "strikeThrough");
  defineColorAlias("strikethrough", "crossedOut");
  defineColorAlias("hidden", "conceal");
  defineColorAlias("inverse", "swapColors");
  defineColorAlias("inverse", "swapcolors");
  defineColorAlias("doubleunderline", "doubleUnderline");
  inspect.styles = ObjectAssign(ObjectCreate(null), {
    special: "cyan",
    number: "yellow",
    bigint: "yellow",
    boolean: "yellow",
    undefined: "grey",
    null: "bold",
    string: "green",
    symbol: "green",
    date: "magenta",
    // "name": intentionally not styling
    // TODO(BridgeAR): Highlight regular expressions properly.
    regexp: "red",
    module: "underline"
  });
  const inspectDefaultOptions = {
    indentationLvl: 0,
    currentDepth: 0,
    stylize: stylizeNoColor,
    showHidden: false,
    depth: 2,
    colors: false,
    showProxy: false,
    breakLength: 80,
    escapeSequences: true,
    compact: 3,
    sorted: false,
    getters: false,
    // node only
    maxArrayLength: 100,
    maxStringLength: 1e4,
    // deno: strAbbreviateSize: 100
    customInspect: true,
    // deno only
    /** You can override the quotes preference in inspectString.
     * Used by util.inspect() */
    // TODO(kt3k): Consider using symbol as a key to hide this from the public
    // API.
    quotes: ["'", '"', "`"],
    iterableLimit: Infinity,
    // similar to node's maxArrayLength, but doesn't only apply to arrays
    trailingComma: false,
    inspect,
    // TODO(@crowlKats): merge into indentationLvl
    indentLevel: 0
  };
  function inspect(value, opts) {
    const ctx = {
      budget: {},
      seen: [],
      ...inspectDefaultOptions
    };
    if (arguments.length > 1) {
      if (arguments.length > 2) {
        if (arguments[2] !== void 0) {
          ctx.depth = arguments[2];
        }
        if (arguments.length > 3 && arguments[3] !== void 0) {
          ctx.colors = arguments[3];
        }
      }
      if (typeof opts === "boolean") {
        ctx.showHidden = opts;
      } else if (opts) {
        const optKeys = ObjectKeys(opts);
        for (let i = 0; i < optKeys.length; ++i) {
          const key = optKeys[i];
          if (ObjectPrototypeHasOwnProperty(inspectDefaultOptions, key) || key === "stylize") {
            ctx[key] = opts[key];
          } else if (ctx.userOptions === void 0) {
            ctx.userOptions = opts;
          }
        }
      }
    }
    if (ctx.colors) {
      ctx.stylize = createStylizeWithColor(inspect.styles, inspect.colors);
    }
    if (ctx.maxArrayLength === null) ctx.maxArrayLength = Infinity;
    if (ctx.maxStringLength === null) ctx.maxStringLength = Infinity;
    return formatValue(ctx, value, 0);
  }
  // A number as it is written: sign, whole part, fraction; not one with an exponent.
  const NUMBER_PARTS = new SafeRegExp(/^(-?)(\d+)(?:\.(\d+))?(n?)$/);
  /** A number's text with an underscore after every third digit from the point. */
  function separated(text) {
    const parts = RegExpPrototypeExec(NUMBER_PARTS, text);
    if (parts === null) return text;
    const { 1: sign, 2: whole, 3: fraction, 4: suffix } = parts;
    let left = whole, right = "";
    for (let at = whole.length - 3; at > 0; at -= 3) {
      left = `${StringPrototypeSlice(left, 0, at)}_${StringPrototypeSlice(left, at)}`;
    }
    if (fraction !== undefined) {
      right = ".";
      for (let at = 0; at < fraction.length; at += 3) {
        right += `${at === 0 ? "" : "_"}${StringPrototypeSlice(fraction, at, at + 3)}`;
      }
    }
    return `${sign}${left}${right}${suffix}`;
  }
  const customInspectSymbol = SymbolFor("nodejs.util.inspect.custom");
  inspect.custom = customInspectSymbol;
  ObjectDefineProperty(inspect, "defaultOptions", {
    __proto__: null,
    get() {
      return inspectDefaultOptions;
    },
    set(options) {
      validateObject(options, "options");
      return ObjectAssign(inspectDefaultOptions, options);
    }
  });
  function stylizeNoColor(str) {
    return str;
  }
  // What the language has: of those, and of these alone, "%s" shows what `inspect` does, and not what `toString` says.
  const builtInObjects = new SafeSet([
    "AggregateError", "Array", "ArrayBuffer", "AsyncDisposableStack", "Atomics", "BigInt", "BigInt64Array", "BigUint64Array",
    "Boolean", "DataView", "Date", "DisposableStack", "Error", "EvalError", "FinalizationRegistry", "Float16Array",
    "Float32Array", "Float64Array", "Function", "Infinity", "Int16Array", "Int32Array", "Int8Array", "Intl", "Iterator", "JSON",
    "Map", "Math", "NaN", "Number", "Object", "Promise", "Proxy", "RangeError", "ReferenceError", "Reflect", "RegExp", "Set",
    "SharedArrayBuffer", "String", "SuppressedError", "Symbol", "SyntaxError", "TypeError", "URIError", "Uint16Array",
    "Uint32Array", "Uint8Array", "Uint8ClampedArray", "WeakMap", "WeakRef", "WeakSet", "WebAssembly",
  ]);
  const ansiPattern = "[\\u001B\\u009B][[\\]()#;?]*(?:(?:(?:(?:;[-a-zA-Z\\d\\/#&.:=?%@~_]+)*|[a-zA-Z\\d]+(?:;[-a-zA-Z\\d\\/#&.:=?%@~_]*)*)?(?:\\u0007|\\u001B\\u005C|\\u009C))|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PR-TZcf-nq-uy=><~]))";
  const ansi = new SafeRegExp(ansiPattern, "g");
  const reEmojiPresentation = new SafeRegExp("^\\p{Emoji_Presentation}$", "u");
  function getStringWidth(str, removeControlChars = true) {
    let width = 0;
    if (removeControlChars) {
      str = stripVTControlCharacters(str);
    }
    str = StringPrototypeNormalize(str, "NFC");
    for (const char of new SafeStringIterator(str)) {
      const code = StringPrototypeCodePointAt(char, 0);
      if (isFullWidthCodePoint(code) || RegExpPrototypeTest(reEmojiPresentation, char)) {
        width += 2;
      } else if (!isZeroWidthCodePoint(code)) {
        width++;
      }
    }
    return width;
  }
  const isFullWidthCodePoint = (code) => {
    return code >= 4352 && (code <= 4447 || // Hangul Jamo
    code === 9001 || // LEFT-POINTING ANGLE BRACKET
    code === 9002 || // RIGHT-POINTING ANGLE BRACKET
    // CJK Radicals Supplement .. Enclosed CJK Letters and Months
    code >= 11904 && code <= 12871 && code !== 12351 || // Enclosed CJK Letters and Months .. CJK Unified Ideographs Extension A
    code >= 12880 && code <= 19903 || // CJK Unified Ideographs .. Yi Radicals
    code >= 19968 && code <= 42182 || // Hangul Jamo Extended-A
    code >= 43360 && code <= 43388 || // Hangul Syllables
    code >= 44032 && code <= 55203 || // CJK Compatibility Ideographs
    code >= 63744 && code <= 64255 || // Vertical Forms
    code >= 65040 && code <= 65049 || // CJK Compatibility Forms .. Small Form Variants
    code >= 65072 && code <= 65131 || // Halfwidth and Fullwidth Forms
    code >= 65281 && code <= 65376 || code >= 65504 && code <= 65510 || // Kana Supplement
    code >= 110592 && code <= 110593 || // Enclosed Ideographic Supplement
    code >= 127488 && code <= 127569 || // Miscellaneous Symbols and Pictographs 0x1f300 - 0x1f5ff
    // Emoticons 0x1f600 - 0x1f64f
    code >= 127744 && code <= 128591 || // Transport and Map Symbols
    code >= 128640 && code <= 128767 || // Supplemental Symbols and Pictographs
    code >= 129280 && code <= 129535 || // Chess Symbols
    code >= 129536 && code <= 129647 || // Symbols and Pictographs Extended-A
    code >= 129648 && code <= 129791 || // CJK Unified Ideographs Extension B .. Tertiary Ideographic Plane
    code >= 131072 && code <= 262141);
  };
  const isZeroWidthCodePoint = (code) => {
    return code <= 31 || // C0 control codes
    code >= 127 && code <= 159 || // C1 control codes
    code >= 768 && code <= 879 || // Combining Diacritical Marks
    code >= 8203 && code <= 8207 || // Modifying Invisible Characters
    // Combining Diacritical Marks for Symbols
    code >= 8400 && code <= 8447 || code >= 65024 && code <= 65039 || // Variation Selectors
    code >= 65056 && code <= 65071 || // Combining Half Marks
    code >= 917760 && code <= 917999;
  };
  function hasBuiltInToString(value) {
    const proxyTarget = void 0;
    if (proxyTarget !== void 0) {
      value = proxyTarget;
    }
    if (ObjectPrototypeHasOwnProperty(value, SymbolToPrimitive)) {
      return false;
    }
    if (typeof value.toString !== "function") {
      return true;
    }
    if (FunctionPrototypeCall(Object.prototype.hasOwnProperty, value, "toString")) {
      return false;
    }
    let pointer = value;
    do {
      pointer = ObjectGetPrototypeOf(pointer);
    } while (!FunctionPrototypeCall(Object.prototype.hasOwnProperty, pointer, "toString"));
    const descriptor = ObjectGetOwnPropertyDescriptor(pointer, "constructor");
    return descriptor !== void 0 && typeof descriptor.value === "function" && SetPrototypeHas(builtInObjects, descriptor.value.name);
  }
  const firstErrorLine = (error) => StringPrototypeAt(StringPrototypeSplit(error.message, "\n", 1), 0);
  let CIRCULAR_ERROR_MESSAGE;
  function tryStringify(arg) {
    try {
      return JSONStringify(arg);
    } catch (err) {
      if (!CIRCULAR_ERROR_MESSAGE) {
        try {
          const a = {};
          a.a = a;
          JSONStringify(a);
        } catch (circularError) {
          CIRCULAR_ERROR_MESSAGE = firstErrorLine(circularError);
        }
      }
      if (err.name === "TypeError" && firstErrorLine(err) === CIRCULAR_ERROR_MESSAGE) {
        return "[Circular]";
      }
      throw err;
    }
  }
  function format(...args) {
    return formatWithOptionsInternal(void 0, args);
  }
  function formatWithOptions(inspectOptions, ...args) {
    if (typeof inspectOptions !== "object" || inspectOptions === null) {
      throw new codes.ERR_INVALID_ARG_TYPE(
        "inspectOptions",
        "object",
        inspectOptions
      );
    }
    return formatWithOptionsInternal(inspectOptions, args);
  }
  function formatNumberNoColor(number, options) {
    const text = formatNumber(stylizeNoColor, number);
    return options?.numericSeparator ?? inspectDefaultOptions.numericSeparator ? separated(text) : text;
  }
  function formatBigIntNoColor(bigint, options) {
    const text = formatBigInt(stylizeNoColor, bigint);
    return options?.numericSeparator ?? inspectDefaultOptions.numericSeparator ? separated(text) : text;
  }
  function formatWithOptionsInternal(inspectOptions, args) {
    const first = args[0];
    let a = 0;
    let str = "";
    let join = "";
    if (typeof first === "string") {
      if (args.length === 1) {
        return first;
      }
      let tempStr;
      let lastPos = 0;
      for (let i = 0; i < first.length - 1; i++) {
        if (StringPrototypeCharCodeAt(first, i) === 37) {
          const nextChar = StringPrototypeCharCodeAt(first, ++i);
          if (a + 1 !== args.length) {
            switch (nextChar) {
              // deno-lint-ignore no-case-declarations
              case 115:
                const tempArg = args[++a];
                if (typeof tempArg === "number") {
                  tempStr = formatNumberNoColor(tempArg, inspectOptions);
                } else if (typeof tempArg === "bigint") {
                  tempStr = formatBigIntNoColor(tempArg, inspectOptions);
                } else if (typeof tempArg !== "object" || tempArg === null || !hasBuiltInToString(tempArg)) {
                  tempStr = String(tempArg);
                } else {
                  tempStr = inspect(tempArg, {
                    ...inspectOptions,
                    compact: 3,
                    colors: false,
                    depth: 0
                  });
                }
                break;
              case 106:
                tempStr = tryStringify(args[++a]);
                break;
              // deno-lint-ignore no-case-declarations
              case 100:
                const tempNum = args[++a];
                if (typeof tempNum === "bigint") {
                  tempStr = formatBigIntNoColor(tempNum, inspectOptions);
                } else if (typeof tempNum === "symbol") {
                  tempStr = "NaN";
                } else {
                  tempStr = formatNumberNoColor(Number(tempNum), inspectOptions);
                }
                break;
              case 79:
                tempStr = inspect(args[++a], inspectOptions);
                break;
              case 111:
                tempStr = inspect(args[++a], {
                  ...inspectOptions,
                  showHidden: true,
                  showProxy: true,
                  depth: 4
                });
                break;
              // deno-lint-ignore no-case-declarations
              case 105:
                const tempInteger = args[++a];
                if (typeof tempInteger === "bigint") {
                  tempStr = formatBigIntNoColor(tempInteger, inspectOptions);
                } else if (typeof tempInteger === "symbol") {
                  tempStr = "NaN";
                } else {
                  tempStr = formatNumberNoColor(
                    NumberParseInt(tempInteger),
                    inspectOptions
                  );
                }
                break;
              // deno-lint-ignore no-case-declarations
              case 102:
                const tempFloat = args[++a];
                if (typeof tempFloat === "symbol") {
                  tempStr = "NaN";
                } else {
                  tempStr = formatNumberNoColor(
                    NumberParseFloat(tempFloat),
                    inspectOptions
                  );
                }
                break;
              case 99:
                a += 1;
                tempStr = "";
                break;
              case 37:
                str += StringPrototypeSlice(first, lastPos, i);
                lastPos = i + 1;
                continue;
              default:
                continue;
            }
            if (lastPos !== i - 1) {
              str += StringPrototypeSlice(first, lastPos, i - 1);
            }
            str += tempStr;
            lastPos = i + 1;
          } else if (nextChar === 37) {
            str += StringPrototypeSlice(first, lastPos, i);
            lastPos = i + 1;
          }
        }
      }
      if (lastPos !== 0) {
        a++;
        join = " ";
        if (lastPos < first.length) {
          str += StringPrototypeSlice(first, lastPos);
        }
      }
    }
    while (a < args.length) {
      const value = args[a];
      str += join;
      str += typeof value !== "string" ? inspect(value, inspectOptions) : value;
      join = " ";
      a++;
    }
    return str;
  }
  function stripVTControlCharacters(str) {
    validateString(str, "str");
    return StringPrototypeReplace(str, ansi, "");
  }
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
  function styleText(format2, text, options) {
    validateString(text, "text");
    if (options !== void 0) {
      validateObject(options, "options");
    }
    const validateStream = options?.validateStream ?? true;
    validateBoolean(validateStream, "options.validateStream");
    if (validateStream) {
      const stream = options?.stream;
      if (stream !== void 0 && stream !== null) {
        if (!(typeof stream === "object" && (typeof stream.read === "function" || typeof stream.write === "function" || typeof stream.pipe === "function"))) {
          throw new codes.ERR_INVALID_ARG_TYPE(
            "stream",
            ["ReadableStream", "WritableStream", "Stream"],
            stream
          );
        }
      }
    }
    const formatArray = ArrayIsArray(format2) ? format2 : [format2];
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
  return {
    format,
    getStringWidth,
    inspect,
    stripVTControlCharacters,
    formatWithOptions,
    styleText,
    default: {
      format,
      getStringWidth,
      inspect,
      stripVTControlCharacters,
      formatWithOptions,
      styleText
    }
  };
})()
