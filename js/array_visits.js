// Array methods that call back or look into arrays of arrays, step by step: the other half of array_steps.js.
(function () {
  "use strict";
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypeEvery,
    ArrayPrototypeFilter,
    ArrayPrototypeFind,
    ArrayPrototypeFindIndex,
    ArrayPrototypeFindLast,
    ArrayPrototypeFindLastIndex,
    ArrayPrototypeFlat,
    ArrayPrototypeFlatMap,
    ArrayPrototypeForEach,
    ArrayPrototypeMap,
    ArrayPrototypeReduce,
    ArrayPrototypeReduceRight,
    ArrayPrototypeSome,
    FunctionPrototypeCall,
  } = primordials;
  const { create, done, integer, lengthOf, likewise, objectOf, wantFunction, wantSafe } = core.loadExtScript(
    "ext:eyot/array_parts.js",
  );

  /** Calls back for each element there is, until one is answered with `last`. */
  function ask(self, native, test, thisArg, last) {
    const object = objectOf(self, native);
    const length = lengthOf(object);
    wantFunction(test, native);
    for (let k = 0; k < length; k++) {
      if (k in object && !FunctionPrototypeCall(test, thisArg, object[k], k, object) !== last) return last;
    }
    return !last;
  }

  /** Where the test holds, or -1, and what is there. */
  function seek(self, native, test, thisArg, backwards) {
    const object = objectOf(self, native);
    const length = lengthOf(object);
    wantFunction(test, native);
    for (let n = 0; n < length; n++) {
      const k = backwards ? length - n - 1 : n;
      const value = object[k];
      if (FunctionPrototypeCall(test, thisArg, value, k, object)) return { index: k, value };
    }
    return { index: -1, value: undefined };
  }

  function fold(self, args, native, backwards) {
    const object = objectOf(self, native);
    const length = lengthOf(object);
    wantFunction(args[0], native);
    let n = 0;
    let value = args[1];
    if (args.length < 2) {
      while (n < length && !((backwards ? length - n - 1 : n) in object)) n++;
      if (n === length) native([], args[0]);
      value = object[backwards ? length - n - 1 : n];
      n++;
    }
    for (; n < length; n++) {
      const k = backwards ? length - n - 1 : n;
      if (k in object) value = FunctionPrototypeCall(args[0], undefined, value, object[k], k, object);
    }
    return value;
  }

  /** https://tc39.es/ecma262/#sec-flattenintoarray */
  function flatten(result, source, length, n, depth, map, thisArg) {
    for (let k = 0; k < length; k++) {
      if (!(k in source)) continue;
      let value = source[k];
      if (map !== undefined) value = FunctionPrototypeCall(map, thisArg, value, k, source);
      if (depth > 0 && ArrayIsArray(value)) {
        n = flatten(result, value, lengthOf(value), n, depth - 1);
      } else {
        wantSafe(n + 1);
        create(result, n++, value);
      }
    }
    return n;
  }

  return {
    every: (self, test, thisArg) => ask(self, ArrayPrototypeEvery, test, thisArg, false),
    filter(self, test, thisArg) {
      const object = objectOf(self, ArrayPrototypeFilter);
      const length = lengthOf(object);
      wantFunction(test, ArrayPrototypeFilter);
      const result = likewise(object, 0);
      for (let k = 0, n = 0; k < length; k++) {
        if (!(k in object)) continue;
        const value = object[k];
        if (FunctionPrototypeCall(test, thisArg, value, k, object)) create(result, n++, value);
      }
      return done(result);
    },
    find: (self, test, thisArg) => seek(self, ArrayPrototypeFind, test, thisArg, false).value,
    findIndex: (self, test, thisArg) => seek(self, ArrayPrototypeFindIndex, test, thisArg, false).index,
    findLast: (self, test, thisArg) => seek(self, ArrayPrototypeFindLast, test, thisArg, true).value,
    findLastIndex: (self, test, thisArg) => seek(self, ArrayPrototypeFindLastIndex, test, thisArg, true).index,
    flat(self, depth) {
      const object = objectOf(self, ArrayPrototypeFlat);
      const length = lengthOf(object);
      depth = depth === undefined ? 1 : integer(depth);
      const result = likewise(object, 0);
      flatten(result, object, length, 0, depth);
      return done(result);
    },
    flatMap(self, map, thisArg) {
      const object = objectOf(self, ArrayPrototypeFlatMap);
      const length = lengthOf(object);
      wantFunction(map, ArrayPrototypeFlatMap);
      const result = likewise(object, 0);
      flatten(result, object, length, 0, 1, map, thisArg);
      return done(result);
    },
    forEach(self, callback, thisArg) {
      const object = objectOf(self, ArrayPrototypeForEach);
      const length = lengthOf(object);
      wantFunction(callback, ArrayPrototypeForEach);
      for (let k = 0; k < length; k++) {
        if (k in object) FunctionPrototypeCall(callback, thisArg, object[k], k, object);
      }
    },
    map(self, map, thisArg) {
      const object = objectOf(self, ArrayPrototypeMap);
      const length = lengthOf(object);
      wantFunction(map, ArrayPrototypeMap);
      const result = likewise(object, length);
      for (let k = 0; k < length; k++) {
        if (k in object) create(result, k, FunctionPrototypeCall(map, thisArg, object[k], k, object));
      }
      return done(result);
    },
    reduce: (self, args) => fold(self, args, ArrayPrototypeReduce, false),
    reduceRight: (self, args) => fold(self, args, ArrayPrototypeReduceRight, true),
    some: (self, test, thisArg) => ask(self, ArrayPrototypeSome, test, thisArg, true),
  };
})()
