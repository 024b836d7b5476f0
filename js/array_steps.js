// Array methods step by step, as https://tc39.es/ecma262/#sec-properties-of-the-array-prototype-object has them: what they ask
// of an object, in which order and how often, is seen by getters and proxies.
//
// For what array_methods.js does not leave to V8. Each loop here ends when V8 is told to.
(function () {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypeConcat,
    ArrayPrototypeCopyWithin,
    ArrayPrototypeFill,
    ArrayPrototypeIncludes,
    ArrayPrototypeIndexOf,
    ArrayPrototypeJoin,
    ArrayPrototypeLastIndexOf,
    ArrayPrototypeReverse,
    ArrayPrototypeShift,
    ArrayPrototypeSlice,
    ArrayPrototypeSort,
    ArrayPrototypeSplice,
    ArrayPrototypeToReversed,
    ArrayPrototypeToSorted,
    ArrayPrototypeToSpliced,
    ArrayPrototypeUnshift,
    ArrayPrototypeWith,
    MathFloor,
    MathMax,
    MathMin,
    RangeError,
    SymbolIsConcatSpreadable,
    TypeError,
  } = primordials;
  const { loadExtScript } = core;
  const { byText } = loadExtScript("ext:eyot/array_methods.js");
  const { bare, create, done, integer, isObject, lengthOf, likewise, made, objectOf, relative, wantFunction, wantSafe } =
    loadExtScript("ext:eyot/array_parts.js");

  // https://tc39.es/ecma262/#sec-array-exotic-objects
  const LENGTH_MAX = 2 ** 32 - 1;
  // V8's, of strings.
  const TEXT_MAX = 2 ** 29 - 24;

  /** Of an object as far as it is there: what a hole's place gets is that it is deleted. */
  function move(object, from, to) {
    if (from in object) object[to] = object[from];
    else delete object[to];
  }

  /** https://tc39.es/ecma262/#sec-isconcatspreadable */
  function isSpreadable(value) {
    if (!isObject(value)) return false;
    const spreadable = value[SymbolIsConcatSpreadable];
    return spreadable === undefined ? ArrayIsArray(value) : !!spreadable;
  }

  /** https://tc39.es/ecma262/#sec-sortindexedproperties */
  function sorted(object, length, compare, withHoles) {
    const values = bare(0);
    for (let k = 0; k < length; k++) {
      if (withHoles || k in object) values[values.length] = object[k];
    }
    // V8 calls this for each two, and it looks for a termination.
    return ArrayPrototypeSort(values, compare === undefined ? byText : (one, other) => compare(one, other));
  }

  function wantComparison(compare, native) {
    if (compare !== undefined) wantFunction(compare, native);
  }

  /** How many elements `splice` takes out. */
  function removed(args, start, length) {
    if (args.length < 2) return args.length === 0 ? 0 : length - start;
    return MathMin(MathMax(integer(args[1]), 0), length - start);
  }

  // What is being joined: V8 takes what contains itself for empty there.
  const joined = bare(0);

  function text(object, length, separator) {
    separator = separator === undefined ? "," : `${separator}`;
    // As V8 has it: neither can end well.
    if (length > LENGTH_MAX) throw new TypeError("Invalid array length");
    if ((length - 1) * separator.length > TEXT_MAX) throw new RangeError("Invalid string length");
    let all = "";
    for (let k = 0; k < length; k++) {
      if (k > 0) all += separator;
      const value = object[k];
      if (value !== undefined && value !== null) all += `${value}`;
    }
    return all;
  }

  return {
    ...loadExtScript("ext:eyot/array_visits.js"),
    concat(self, items) {
      const object = objectOf(self, ArrayPrototypeConcat);
      const result = likewise(object, 0);
      let n = 0;
      for (let i = -1; i < items.length; i++) {
        const value = i < 0 ? object : items[i];
        if (!isSpreadable(value)) {
          wantSafe(n + 1);
          create(result, n++, value);
          continue;
        }
        const length = lengthOf(value);
        wantSafe(n + length);
        for (let k = 0; k < length; k++, n++) {
          if (k in value) create(result, n, value[k]);
        }
      }
      result.target.length = n;
      return done(result);
    },
    copyWithin(self, target, start, end) {
      const object = objectOf(self, ArrayPrototypeCopyWithin);
      const length = lengthOf(object);
      const to = relative(target, length);
      const from = relative(start, length);
      const last = end === undefined ? length : relative(end, length);
      const count = MathMin(last - from, length - to);
      const backwards = from < to && to < from + count;
      for (let n = 0; n < count; n++) {
        const k = backwards ? count - n - 1 : n;
        move(object, from + k, to + k);
      }
      return object;
    },
    fill(self, value, start, end) {
      const object = objectOf(self, ArrayPrototypeFill);
      const length = lengthOf(object);
      const first = relative(start, length);
      const last = end === undefined ? length : relative(end, length);
      for (let k = first; k < last; k++) object[k] = value;
      return object;
    },
    includes(self, value, from) {
      const object = objectOf(self, ArrayPrototypeIncludes);
      const length = lengthOf(object);
      if (length === 0) return false;
      for (let k = relative(from, length); k < length; k++) {
        const found = object[k];
        if (found === value || found !== found && value !== value) return true;
      }
      return false;
    },
    indexOf(self, value, from) {
      const object = objectOf(self, ArrayPrototypeIndexOf);
      const length = lengthOf(object);
      if (length === 0) return -1;
      for (let k = relative(from, length); k < length; k++) {
        if (k in object && object[k] === value) return k;
      }
      return -1;
    },
    join(self, separator) {
      const object = objectOf(self, ArrayPrototypeJoin);
      const length = lengthOf(object);
      for (let i = 0; i < joined.length; i++) if (joined[i] === object) return "";
      joined[joined.length] = object;
      try {
        return text(object, length, separator);
      } finally {
        joined.length--;
      }
    },
    lastIndexOf(self, args) {
      const object = objectOf(self, ArrayPrototypeLastIndexOf);
      const length = lengthOf(object);
      if (length === 0) return -1;
      const from = args.length > 1 ? integer(args[1]) : length - 1;
      for (let k = from < 0 ? length + from : MathMin(from, length - 1); k >= 0; k--) {
        if (k in object && object[k] === args[0]) return k;
      }
      return -1;
    },
    reverse(self) {
      const object = objectOf(self, ArrayPrototypeReverse);
      const length = lengthOf(object);
      const middle = MathFloor(length / 2);
      for (let low = 0; low !== middle; low++) {
        const high = length - low - 1;
        const isLow = low in object;
        const lowValue = isLow ? object[low] : undefined;
        const isHigh = high in object;
        const highValue = isHigh ? object[high] : undefined;
        if (isHigh) object[low] = highValue;
        else if (isLow) delete object[low];
        if (isLow) object[high] = lowValue;
        else if (isHigh) delete object[high];
      }
      return object;
    },
    shift(self) {
      const object = objectOf(self, ArrayPrototypeShift);
      const length = lengthOf(object);
      if (length === 0) {
        object.length = 0;
        return undefined;
      }
      const first = object[0];
      for (let k = 1; k < length; k++) move(object, k, k - 1);
      delete object[length - 1];
      object.length = length - 1;
      return first;
    },
    slice(self, start, end) {
      const object = objectOf(self, ArrayPrototypeSlice);
      const length = lengthOf(object);
      const first = relative(start, length);
      const last = end === undefined ? length : relative(end, length);
      const result = likewise(object, MathMax(last - first, 0));
      let n = 0;
      for (let k = first; k < last; k++, n++) {
        if (k in object) create(result, n, object[k]);
      }
      result.target.length = n;
      return done(result);
    },
    sort(self, compare) {
      wantComparison(compare, ArrayPrototypeSort);
      const object = objectOf(self, ArrayPrototypeSort);
      const length = lengthOf(object);
      // As V8 has it, where the steps would set it to what it is.
      if (length < 2) return object;
      const values = sorted(object, length, compare, false);
      const count = values.length;
      for (let k = 0; k < count; k++) object[k] = values[k];
      for (let k = count; k < length; k++) delete object[k];
      return object;
    },
    splice(self, args) {
      const object = objectOf(self, ArrayPrototypeSplice);
      const length = lengthOf(object);
      const start = relative(args[0], length);
      const added = MathMax(args.length - 2, 0);
      const gone = removed(args, start, length);
      wantSafe(length + added - gone);
      const result = likewise(object, gone);
      for (let k = 0; k < gone; k++) {
        if (start + k in object) create(result, k, object[start + k]);
      }
      result.target.length = gone;
      if (added < gone) {
        for (let k = start; k < length - gone; k++) move(object, k + gone, k + added);
        for (let k = length; k > length - gone + added; k--) delete object[k - 1];
      } else if (added > gone) {
        for (let k = length - gone; k > start; k--) move(object, k + gone - 1, k + added - 1);
      }
      for (let i = 0; i < added; i++) object[start + i] = args[i + 2];
      object.length = length - gone + added;
      return done(result);
    },
    toReversed(self) {
      const object = objectOf(self, ArrayPrototypeToReversed);
      const length = lengthOf(object);
      const result = made(length);
      for (let k = 0; k < length; k++) create(result, k, object[length - k - 1]);
      return done(result);
    },
    toSorted(self, compare) {
      wantComparison(compare, ArrayPrototypeToSorted);
      const object = objectOf(self, ArrayPrototypeToSorted);
      const length = lengthOf(object);
      const result = made(length);
      const values = sorted(object, length, compare, true);
      for (let k = 0; k < length; k++) create(result, k, values[k]);
      return done(result);
    },
    toSpliced(self, args) {
      const object = objectOf(self, ArrayPrototypeToSpliced);
      const length = lengthOf(object);
      const start = relative(args[0], length);
      const added = MathMax(args.length - 2, 0);
      const gone = removed(args, start, length);
      const all = length + added - gone;
      wantSafe(all);
      const result = made(all);
      for (let k = 0; k < start; k++) create(result, k, object[k]);
      for (let i = 0; i < added; i++) create(result, start + i, args[i + 2]);
      for (let k = start + added; k < all; k++) create(result, k, object[k + gone - added]);
      return done(result);
    },
    unshift(self, args) {
      const object = objectOf(self, ArrayPrototypeUnshift);
      const length = lengthOf(object);
      const count = args.length;
      if (count > 0) {
        wantSafe(length + count);
        for (let k = length; k > 0; k--) move(object, k - 1, k + count - 1);
        for (let i = 0; i < count; i++) object[i] = args[i];
      }
      return object.length = length + count;
    },
    with(self, index, value) {
      const object = objectOf(self, ArrayPrototypeWith);
      const length = lengthOf(object);
      const relativeIndex = integer(index);
      const actual = relativeIndex < 0 ? length + relativeIndex : relativeIndex;
      if (actual < 0 || actual >= length) return ArrayPrototypeWith([], relativeIndex, value);
      const result = made(length);
      for (let k = 0; k < length; k++) create(result, k, k === actual ? value : object[k]);
      return done(result);
    },
  };
})()
