// Long calls: built-ins that V8 does not stop, neither in what they loop over nor, if they are in C++, before they begin.
//
// Those that could be at work for minutes loop in JavaScript instead (long_steps.js). Those that take time with the size of
// what they are given begin in JavaScript: it looks for a termination, which V8's loops that call them do not.
(function () {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    ArrayFrom,
    ArrayIsArray,
    ArrayPrototype,
    JSONStringify,
    ObjectDefineProperty,
    ObjectKeys,
    RangeError,
    ReflectApply,
    RegExpPrototypeExec,
    StringPrototype,
    TypedArrayPrototype,
    TypedArrayPrototypeGetLength,
    TypedArrayPrototypeGetSymbolToStringTag,
  } = primordials;
  const { isShort } = core.loadExtScript("ext:eyot/array_methods.js");
  const { toLocaleString } = ArrayPrototype;
  const { toLocaleString: typedToLocaleString } = TypedArrayPrototype;
  const { localeCompare, normalize } = StringPrototype;

  // What an element's own `toLocaleString` costs is bounded for as many.
  const SEVERAL = 4096;

  /**
   * What takes time with the size of what it is given, by what has it. V8 has the newest in isolates that serve only, and not
   * where a snapshot is taken: not `RegExp.escape`, nor the `toHex` of bytes and its kin.
   */
  const BEGUN = {
    __proto__: null,
    globalThis: ["decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "unescape"],
    BigInt: ["asIntN", "asUintN"],
    Date: ["parse"],
    JSON: ["parse", "rawJSON"],
    Object: ["assign", "defineProperties", "freeze", "getOwnPropertyDescriptors", "getOwnPropertySymbols", "seal"],
    Reflect: ["ownKeys"],
  };
  const BEGUN_OF_PROTOTYPES = {
    __proto__: null,
    BigInt: ["toString"],
    String: ["lastIndexOf", "toUpperCase"],
  };
  /** What takes locales. */
  const LOCALIZED = {
    __proto__: null,
    BigInt: ["toLocaleString"],
    Date: ["toLocaleDateString", "toLocaleString", "toLocaleTimeString"],
    Number: ["toLocaleString"],
    String: ["toLocaleLowerCase", "toLocaleUpperCase"],
  };
  const BEGUN_OF_TYPED_ARRAYS = ["copyWithin", "fill", "includes", "indexOf", "lastIndexOf", "reverse"];
  const CALLING = [
    "every", "filter", "find", "findIndex", "findLast", "findLastIndex", "forEach", "map", "reduce", "reduceRight", "some",
    "sort", "toSorted",
  ];

  // Putting marks in order takes ICU the square of how many there are in a row. In
  // https://unicode.org/reports/tr15/#Stream_Safe_Text_Format there are 30.
  const MARKS = /\p{M}{129}/u;
  const MARKS_FREE = 16384;

  let loaded;

  function steps() {
    return loaded ??= core.loadExtScript("ext:eyot/long_steps.js");
  }

  /** Texts that are compared or put in order; ICU would be at it for hours with some. */
  function checkMarks(text) {
    if (text.length > MARKS_FREE && RegExpPrototypeExec(MARKS, text) !== null) {
      throw new RangeError("Too many combining marks in a row");
    }
    return text;
  }

  /** Locales that V8 reads quickly: it does not look for a termination while it does. */
  function knownLocales(locales) {
    if (locales === null || typeof locales !== "object" && typeof locales !== "function" || isShort(locales)) return locales;
    return steps().knownLocales(locales);
  }

  /** The same, which is given such locales. */
  function localized(native, name) {
    return {
      [name]() {
        if (arguments.length > 0) arguments[0] = knownLocales(arguments[0]);
        return ReflectApply(native, this, arguments);
      },
    }[name];
  }

  /** The same, begun in JavaScript. */
  function begun(native, name) {
    if (native.length === 0) {
      return {
        [name]() {
          return ReflectApply(native, this, arguments);
        },
      }[name];
    }
    if (native.length === 1) {
      return {
        [name](_one) {
          return ReflectApply(native, this, arguments);
        },
      }[name];
    }
    return {
      [name](_one, _two) {
        return ReflectApply(native, this, arguments);
      },
    }[name];
  }

  /** The same, with its callback called from JavaScript, whatever that is. */
  function calling(native, name) {
    return {
      [name](callback) {
        if (typeof callback === "function") {
          arguments[0] = function () {
            return ReflectApply(callback, this, arguments);
          };
        }
        return ReflectApply(native, this, arguments);
      },
    }[name];
  }

  const strings = {
    localeCompare(that) {
      if (this === null || this === undefined) return ReflectApply(localeCompare, this, arguments);
      const text = checkMarks(`${this}`);
      const args = [checkMarks(`${that}`), knownLocales(arguments[1]), arguments[2]];
      return ReflectApply(localeCompare, text, args);
    },
    normalize(form = undefined) {
      return ReflectApply(normalize, this === null || this === undefined ? this : checkMarks(`${this}`), [form]);
    },
  };
  const ofString = {
    raw(template) {
      return steps().raw(template, arguments);
    },
  };
  const ofJSON = {
    stringify(value, replacer, space) {
      if (typeof replacer === "object" && replacer !== null && !isShort(replacer) && ArrayIsArray(replacer)) {
        replacer = steps().propertyList(replacer);
      }
      return JSONStringify(value, replacer, space);
    },
  };
  const ofArray = {
    from(items) {
      const isShortOne = items === null || typeof items !== "object" && typeof items !== "function" || isShort(items);
      return isShortOne ? ReflectApply(ArrayFrom, this, arguments) : steps().from(this, arguments);
    },
  };
  const arrays = {
    toLocaleString() {
      return isShort(this) && this.length <= SEVERAL
        ? ReflectApply(toLocaleString, this, arguments)
        : steps().toLocaleString(this, arguments);
    },
  };
  const typedArrays = {
    toLocaleString() {
      return TypedArrayPrototypeGetSymbolToStringTag(this) === undefined || TypedArrayPrototypeGetLength(this) <= SEVERAL
        ? ReflectApply(typedToLocaleString, this, arguments)
        : steps().typedToLocaleString(this, arguments);
    },
  };

  function put(holder, key, value) {
    ObjectDefineProperty(holder, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
  }

  function putAll(holder, methods) {
    const keys = ObjectKeys(methods);
    for (let i = 0; i < keys.length; i++) put(holder, keys[i], methods[keys[i]]);
  }

  function wrap(holder, keys, make) {
    for (let i = 0; i < keys.length; i++) {
      put(holder, keys[i], make(holder[keys[i]], keys[i]));
    }
  }

  function wrapPrototypes(target, table, make) {
    const classes = ObjectKeys(table);
    for (let i = 0; i < classes.length; i++) wrap(target[classes[i]].prototype, table[classes[i]], make);
  }

  function install(target) {
    const { Array, JSON, String } = target;
    const holders = ObjectKeys(BEGUN);
    for (let i = 0; i < holders.length; i++) wrap(target[holders[i]], BEGUN[holders[i]], begun);
    wrapPrototypes(target, BEGUN_OF_PROTOTYPES, begun);
    wrapPrototypes(target, LOCALIZED, localized);
    wrap(TypedArrayPrototype, BEGUN_OF_TYPED_ARRAYS, begun);
    wrap(TypedArrayPrototype, CALLING, calling);
    putAll(Array, ofArray);
    putAll(ArrayPrototype, arrays);
    putAll(JSON, ofJSON);
    putAll(String, ofString);
    putAll(StringPrototype, strings);
    putAll(TypedArrayPrototype, typedArrays);
  }

  return { checkMarks, install, knownLocales };
})()
