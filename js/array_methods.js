// Array methods: V8's own where they are short, the specification's steps in JavaScript where they may be long.
//
// V8's loops over an array do not look for a termination: `indexOf` on `{ length: 2 ** 53 - 1 }` would hold its thread until the
// process ends. What an array of at most `MOST` elements costs is bounded, as long as looking for an element that is not there
// does not lead through more prototypes than ours; all else takes loops that V8 stops (array_steps.js), loaded when wanted.
(function () {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototype,
    ArrayPrototypeCopyWithin,
    ArrayPrototypeEvery,
    ArrayPrototypeFill,
    ArrayPrototypeFilter,
    ArrayPrototypeFind,
    ArrayPrototypeFindIndex,
    ArrayPrototypeFindLast,
    ArrayPrototypeFindLastIndex,
    ArrayPrototypeForEach,
    ArrayPrototypeIncludes,
    ArrayPrototypeIndexOf,
    ArrayPrototypeJoin,
    ArrayPrototypeMap,
    ArrayPrototypeReverse,
    ArrayPrototypeShift,
    ArrayPrototypeSlice,
    ArrayPrototypeSome,
    ArrayPrototypeSort,
    ArrayPrototypeToReversed,
    ArrayPrototypeToSorted,
    ArrayPrototypeWith,
    FunctionPrototypeBind,
    ObjectDefineProperties,
    ObjectDefineProperty,
    ObjectGetPrototypeOf,
    ObjectKeys,
    ObjectPrototype,
    Proxy: NativeProxy,
    ProxyRevocable,
    ReflectApply,
    TypeError,
  } = primordials;
  const { concat, lastIndexOf, reduce, reduceRight, splice, toSpliced, unshift } = ArrayPrototype;
  const { isProxy } = core;

  // V8's slowest loops, over arrays that it keeps as dictionaries, take some tenths of a second for as many.
  const MOST = 2 ** 22;
  // Whatever its prototypes are.
  const FEW = 64;
  // What V8's slower functions take when it calls them for as many.
  const SEVERAL = 2 ** 14;
  // Comparing longer strings takes longer than a loop of ours does.
  const LONG = 1024;

  // Whether there may be a proxy of an array: `Array.isArray` does not tell, and to ask it for its length would be seen.
  let proxied = false;

  function note(target) {
    if (!proxied && (isProxy(target) || ArrayIsArray(target))) proxied = true;
  }

  /** Whether V8's own loop over this is short. */
  function isShort(value) {
    if (proxied && isProxy(value) || !ArrayIsArray(value)) return false;
    const { length } = value;
    return length <= FEW || length <= MOST && ObjectGetPrototypeOf(value) === ArrayPrototype &&
        ObjectGetPrototypeOf(ArrayPrototype) === ObjectPrototype;
  }

  /** Whether a call for each element is short: functions of V8's own may take a while, and not look for a termination. */
  function isBrief(value) {
    return isShort(value) && value.length <= SEVERAL;
  }

  /** Whether this is quickly told from others. */
  function isLight(value) {
    return typeof value === "string" ? value.length <= LONG : typeof value !== "bigint";
  }

  /** Whether V8's `concat` of these is short. */
  function areShort(values) {
    let all = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === null || typeof value !== "object" && typeof value !== "function") continue;
      if (!isShort(value)) return false;
      all += value.length;
    }
    return all <= MOST;
  }

  // Each element is made a string for each comparison: of long ones and by the thousand, V8 would compare for hours.
  const byText = (one, other) => {
    one = `${one}`;
    other = `${other}`;
    return one < other ? -1 : one > other ? 1 : 0;
  };

  function comparing(values, compare) {
    if (compare === undefined) return values.length > FEW ? byText : compare;
    return typeof compare === "function" && values.length > SEVERAL ? (one, other) => compare(one, other) : compare;
  }

  let loaded;

  function steps() {
    return loaded ??= core.loadExtScript("ext:eyot/array_steps.js");
  }

  const methods = {
    concat(_item) {
      return isShort(this) && areShort(arguments)
        ? ReflectApply(concat, this, arguments)
        : steps().concat(this, arguments);
    },
    copyWithin(target, start, end = undefined) {
      return isShort(this)
        ? ArrayPrototypeCopyWithin(this, target, start, end)
        : steps().copyWithin(this, target, start, end);
    },
    every(test, self = undefined) {
      return isBrief(this) ? ArrayPrototypeEvery(this, test, self) : steps().every(this, test, self);
    },
    fill(value, start = undefined, end = undefined) {
      return isShort(this) ? ArrayPrototypeFill(this, value, start, end) : steps().fill(this, value, start, end);
    },
    filter(test, self = undefined) {
      return isBrief(this) ? ArrayPrototypeFilter(this, test, self) : steps().filter(this, test, self);
    },
    find(test, self = undefined) {
      return isBrief(this) ? ArrayPrototypeFind(this, test, self) : steps().find(this, test, self);
    },
    findIndex(test, self = undefined) {
      return isBrief(this) ? ArrayPrototypeFindIndex(this, test, self) : steps().findIndex(this, test, self);
    },
    findLast(test, self = undefined) {
      return isBrief(this) ? ArrayPrototypeFindLast(this, test, self) : steps().findLast(this, test, self);
    },
    findLastIndex(test, self = undefined) {
      return isBrief(this) ? ArrayPrototypeFindLastIndex(this, test, self) : steps().findLastIndex(this, test, self);
    },
    // However short this is, the arrays in it may be long.
    flat(depth = undefined) {
      return steps().flat(this, depth);
    },
    flatMap(map, self = undefined) {
      return steps().flatMap(this, map, self);
    },
    forEach(callback, self = undefined) {
      return isBrief(this) ? ArrayPrototypeForEach(this, callback, self) : steps().forEach(this, callback, self);
    },
    includes(value, from = undefined) {
      return isShort(this) && isLight(value)
        ? ArrayPrototypeIncludes(this, value, from)
        : steps().includes(this, value, from);
    },
    indexOf(value, from = undefined) {
      return isShort(this) && isLight(value)
        ? ArrayPrototypeIndexOf(this, value, from)
        : steps().indexOf(this, value, from);
    },
    join(separator) {
      return isShort(this) ? ArrayPrototypeJoin(this, separator) : steps().join(this, separator);
    },
    lastIndexOf(value) {
      return isShort(this) && isLight(value)
        ? ReflectApply(lastIndexOf, this, arguments)
        : steps().lastIndexOf(this, arguments);
    },
    map(map, self = undefined) {
      return isBrief(this) ? ArrayPrototypeMap(this, map, self) : steps().map(this, map, self);
    },
    reduce(_reduce) {
      return isBrief(this) ? ReflectApply(reduce, this, arguments) : steps().reduce(this, arguments);
    },
    reduceRight(_reduce) {
      return isBrief(this) ? ReflectApply(reduceRight, this, arguments) : steps().reduceRight(this, arguments);
    },
    reverse() {
      return isShort(this) ? ArrayPrototypeReverse(this) : steps().reverse(this);
    },
    shift() {
      return isShort(this) ? ArrayPrototypeShift(this) : steps().shift(this);
    },
    slice(start, end) {
      return isShort(this) ? ArrayPrototypeSlice(this, start, end) : steps().slice(this, start, end);
    },
    some(test, self = undefined) {
      return isBrief(this) ? ArrayPrototypeSome(this, test, self) : steps().some(this, test, self);
    },
    sort(compare) {
      return isShort(this) ? ArrayPrototypeSort(this, comparing(this, compare)) : steps().sort(this, compare);
    },
    splice(_start, _count) {
      return isShort(this) ? ReflectApply(splice, this, arguments) : steps().splice(this, arguments);
    },
    toReversed() {
      return isShort(this) ? ArrayPrototypeToReversed(this) : steps().toReversed(this);
    },
    toSorted(compare) {
      return isShort(this) ? ArrayPrototypeToSorted(this, comparing(this, compare)) : steps().toSorted(this, compare);
    },
    toSpliced(_start, _count) {
      return isShort(this) ? ReflectApply(toSpliced, this, arguments) : steps().toSpliced(this, arguments);
    },
    unshift(_item) {
      return isShort(this) ? ReflectApply(unshift, this, arguments) : steps().unshift(this, arguments);
    },
    with(index, value) {
      return isShort(this) ? ArrayPrototypeWith(this, index, value) : steps().with(this, index, value);
    },
  };

  const { hidden } = core.loadExtScript("ext:eyot/hidden.js");

  // A bound function has no prototype, as the native one has none.
  const Proxy = FunctionPrototypeBind(function (target, handler) {
    if (new.target === undefined) throw new TypeError("Constructor Proxy requires 'new'");
    note(target);
    return new NativeProxy(target, handler);
  });
  ObjectDefineProperties(Proxy, {
    __proto__: null,
    name: { __proto__: null, value: "Proxy" },
    revocable: hidden({
      revocable(target, handler) {
        note(target);
        return ProxyRevocable(target, handler);
      },
    }.revocable),
  });

  function install(target) {
    const names = ObjectKeys(methods);
    for (let i = 0; i < names.length; i++) ObjectDefineProperty(ArrayPrototype, names[i], hidden(methods[names[i]]));
    ObjectDefineProperty(target, "Proxy", hidden(Proxy));
  }

  return { byText, install, isShort };
})()
