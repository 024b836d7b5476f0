// What the steps of array methods have in common, as https://tc39.es/ecma262/#sec-abstract-operations has it.
(function () {
  "use strict";
  const {
    Array,
    ArrayIsArray,
    ArrayPrototype,
    MathMax,
    MathMin,
    MathTrunc,
    NumberMAX_SAFE_INTEGER,
    Object,
    ObjectDefineProperty,
    ObjectSetPrototypeOf,
    SymbolSpecies,
    TypeError,
  } = __bootstrap.primordials;

  /** https://tc39.es/ecma262/#sec-toobject; the native says what is wrong. */
  function objectOf(value, native) {
    return value === null || value === undefined ? native(value) : Object(value);
  }

  /** https://tc39.es/ecma262/#sec-tointegerorinfinity */
  function integer(value) {
    return MathTrunc(+value) || 0;
  }

  /** https://tc39.es/ecma262/#sec-lengthofarraylike */
  function lengthOf(object) {
    return MathMin(MathMax(integer(object.length), 0), NumberMAX_SAFE_INTEGER);
  }

  function relative(value, length) {
    const index = integer(value);
    return index < 0 ? MathMax(length + index, 0) : MathMin(index, length);
  }

  /** The native refuses what is no function, in its own words. */
  function wantFunction(value, native) {
    if (typeof value !== "function") native([], value);
  }

  function wantSafe(length) {
    if (length > NumberMAX_SAFE_INTEGER) throw new TypeError("Invalid array length");
  }

  /**
   * What is being made: what a script has for it, or an array of our own. Nobody else sees that before it is done, and until
   * then it has no prototype: to set an element is to make it, whatever arrays inherit.
   */
  function made(length) {
    return { __proto__: null, target: bare(length), isOurs: true };
  }

  function bare(length) {
    return ObjectSetPrototypeOf(new Array(length), null);
  }

  /** https://tc39.es/ecma262/#sec-createdatapropertyorthrow */
  function create({ target, isOurs }, key, value) {
    if (isOurs) target[key] = value;
    else ObjectDefineProperty(target, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }

  function done({ target, isOurs }) {
    return isOurs ? ObjectSetPrototypeOf(target, ArrayPrototype) : target;
  }

  /** https://tc39.es/ecma262/#sec-arrayspeciescreate */
  function likewise(original, length) {
    let species = undefined;
    if (ArrayIsArray(original)) {
      species = original.constructor;
      if (isObject(species)) species = species[SymbolSpecies] ?? undefined;
    }
    if (species === undefined || species === Array) return made(length);
    return { __proto__: null, target: new species(length), isOurs: false };
  }

  function isObject(value) {
    return value !== null && (typeof value === "object" || typeof value === "function");
  }

  return { bare, create, done, integer, isObject, lengthOf, likewise, made, objectOf, relative, wantFunction, wantSafe };
})()
