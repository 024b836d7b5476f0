// Long calls step by step, for what long_calls.js does not leave to V8, as https://tc39.es/ecma262/ has them.
(function () {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    Array,
    ArrayFrom,
    ArrayPrototypeToLocaleString,
    FunctionPrototypeCall,
    NumberPrototypeValueOf,
    Object,
    ObjectGetOwnPropertyDescriptor,
    Proxy,
    ReflectApply,
    ReflectConstruct,
    SafeSet,
    StringPrototypeValueOf,
    StringRaw,
    SymbolIterator,
    TypeError,
    TypedArrayPrototypeGetLength,
  } = primordials;
  const { loadExtScript } = core;
  const { Intl } = loadExtScript("ext:eyot/globals.js");
  const { create, done, isObject, lengthOf, made, objectOf } = loadExtScript("ext:eyot/array_parts.js");

  // https://tc39.es/ecma262/#sec-array-exotic-objects
  const LENGTH_MAX = 2 ** 32 - 1;

  const anything = { __proto__: null, construct: () => ({}) };

  /** https://tc39.es/ecma262/#sec-isconstructor, without a call of it. */
  function isConstructor(value) {
    if (typeof value !== "function") return false;
    try {
      new (new Proxy(value, anything))();
      return true;
    } catch {
      return false;
    }
  }

  /** What `Array.from` fills. */
  function begin(constructor, args) {
    if (constructor === Array || !isConstructor(constructor)) return made(args.length === 0 ? 0 : args[0]);
    return { __proto__: null, target: ReflectConstruct(constructor, args), isOurs: false };
  }

  function isBoxed(value, valueOf) {
    try {
      valueOf(value);
      return true;
    } catch {
      return false;
    }
  }

  // What is being made text of: V8 takes what contains itself for empty there.
  const shown = new SafeSet();

  function shownElements(object, length, args) {
    const passed = [args[0], args[1]];
    let all = "";
    for (let k = 0; k < length; k++) {
      if (k > 0) all += ",";
      const value = object[k];
      if (value !== undefined && value !== null) all += `${ReflectApply(value.toLocaleString, value, passed)}`;
    }
    return all;
  }

  const { get: baseName } = ObjectGetOwnPropertyDescriptor(Intl.Locale.prototype, "baseName");

  return {
    /** What an array of them would have, unless it is one locale. */
    knownLocales(locales) {
      if (isBoxed(locales, (value) => ReflectApply(baseName, value, []))) return locales;
      const list = made(0);
      const length = lengthOf(locales);
      let n = 0;
      for (let k = 0; k < length; k++) {
        if (k in locales) create(list, n++, locales[k]);
      }
      return done(list);
    },
    /** https://tc39.es/ecma262/#sec-array.from */
    from(constructor, args) {
      const { 0: items, 1: map, 2: thisArg } = args;
      if (map !== undefined && typeof map !== "function") return ReflectApply(ArrayFrom, constructor, [[], map]);
      const method = items[SymbolIterator];
      const isIterable = method !== undefined && method !== null;
      let result;
      let k = 0;
      if (isIterable) {
        if (typeof method !== "function") return ReflectApply(ArrayFrom, constructor, [{ [SymbolIterator]: method }]);
        result = begin(constructor, []);
        const values = { __proto__: null, [SymbolIterator]: () => FunctionPrototypeCall(method, items) };
        for (const value of values) {
          create(result, k, map === undefined ? value : FunctionPrototypeCall(map, thisArg, value, k));
          k++;
        }
      } else {
        const length = lengthOf(items);
        result = begin(constructor, [length]);
        for (; k < length; k++) {
          const value = items[k];
          create(result, k, map === undefined ? value : FunctionPrototypeCall(map, thisArg, value, k));
        }
      }
      result.target.length = k;
      return done(result);
    },
    /** What JSON.stringify takes of its second argument: https://tc39.es/ecma262/#sec-json.stringify */
    propertyList(replacer) {
      const known = new SafeSet();
      const list = made(0);
      const length = lengthOf(replacer);
      for (let k = 0; k < length; k++) {
        const value = replacer[k];
        const isNamed = typeof value === "string" || typeof value === "number" ||
          isObject(value) && (isBoxed(value, NumberPrototypeValueOf) || isBoxed(value, StringPrototypeValueOf));
        if (!isNamed) continue;
        const name = `${value}`;
        if (known.has(name)) continue;
        create(list, known.size, name);
        known.add(name);
      }
      return done(list);
    },
    /** https://tc39.es/ecma262/#sec-string.raw */
    raw(template, args) {
      if (template === null || template === undefined) return ReflectApply(StringRaw, undefined, args);
      const { raw } = Object(template);
      if (raw === null || raw === undefined) return ReflectApply(StringRaw, undefined, [{ raw }]);
      const literals = Object(raw);
      const length = lengthOf(literals);
      let all = "";
      for (let k = 0; k < length; k++) {
        all += `${literals[k]}`;
        if (k + 1 < length && k + 1 < args.length) all += `${args[k + 1]}`;
      }
      return all;
    },
    /** https://tc39.es/ecma402/#sup-array.prototype.tolocalestring */
    toLocaleString(self, args) {
      const object = objectOf(self, ArrayPrototypeToLocaleString);
      const length = lengthOf(object);
      // As V8 has it.
      if (length > LENGTH_MAX) throw new TypeError("Invalid array length");
      if (shown.has(object)) return "";
      shown.add(object);
      try {
        return shownElements(object, length, args);
      } finally {
        shown.delete(object);
      }
    },
    /** Of an array that is one: https://tc39.es/ecma262/#sec-%typedarray%.prototype.tolocalestring */
    typedToLocaleString: (array, args) => shownElements(array, TypedArrayPrototypeGetLength(array), args),
  };
})()
