// Intl, for as much as it does not look for a termination: lists of locales that are no short arrays are read here
// (https://tc39.es/ecma402/#sec-canonicalizelocalelist), and texts with thousands of marks in a row are not compared.
(function () {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    ObjectDefineProperties,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ReflectApply,
    ReflectConstruct,
    SafeWeakMap,
  } = primordials;
  const { checkMarks, knownLocales } = core.loadExtScript("ext:eyot/long_calls.js");

  const CONSTRUCTORS = [
    "Collator", "DateTimeFormat", "DisplayNames", "DurationFormat", "ListFormat", "NumberFormat", "PluralRules",
    "RelativeTimeFormat", "Segmenter",
  ];

  const { hidden } = core.loadExtScript("ext:eyot/hidden.js");

  function guardConstructor(Native, name) {
    const target = {
      [name]: function () {
        if (arguments.length > 0) arguments[0] = knownLocales(arguments[0]);
        return new.target === undefined
          ? ReflectApply(Native, this, arguments)
          : ReflectConstruct(Native, arguments, new.target === target ? Native : new.target);
      },
    }[name];
    const { prototype, supportedLocalesOf } = Native;
    ObjectDefineProperties(target, {
      __proto__: null,
      length: { __proto__: null, value: Native.length },
      prototype: { __proto__: null, value: prototype, writable: false },
      supportedLocalesOf: hidden({
        supportedLocalesOf(locales) {
          arguments[0] = knownLocales(locales);
          return ReflectApply(supportedLocalesOf, Native, arguments);
        },
      }.supportedLocalesOf),
    });
    ObjectDefineProperty(prototype, "constructor", hidden(target));
    return target;
  }

  const compared = new SafeWeakMap();

  function guardCompare(compare) {
    return (one, other) => compare(checkMarks(`${one}`), checkMarks(`${other}`));
  }

  function guardCollator(prototype) {
    const { get } = ObjectGetOwnPropertyDescriptor(prototype, "compare");
    const guarded = {
      get compare() {
        const native = ReflectApply(get, this, []);
        let compare = compared.get(native);
        if (compare === undefined) compared.set(native, compare = guardCompare(native));
        return compare;
      },
    };
    ObjectDefineProperty(prototype, "compare", {
      __proto__: null,
      get: ObjectGetOwnPropertyDescriptor(guarded, "compare").get,
    });
  }

  /** The same object, whose functions end. */
  function guard(Intl) {
    for (let i = 0; i < CONSTRUCTORS.length; i++) {
      const name = CONSTRUCTORS[i];
      const native = Intl[name];
      if (native !== undefined) ObjectDefineProperty(Intl, name, hidden(guardConstructor(native, name)));
    }
    guardCollator(Intl.Collator.prototype);
    const { getCanonicalLocales } = Intl;
    ObjectDefineProperty(Intl, "getCanonicalLocales", hidden({
      getCanonicalLocales(locales) {
        return ReflectApply(getCanonicalLocales, this, [knownLocales(locales)]);
      },
    }.getCanonicalLocales));
    return Intl;
  }

  return { guard };
})()
