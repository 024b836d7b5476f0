// node:util: Deno's, and what Node 22 still has of older days.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayIsArray, DatePrototype, Error, ErrorPrototype, ObjectPrototypeIsPrototypeOf } = primordials;
  const util = core.loadExtScript("ext:eyot_node/deno/util.js");
  const types = core.loadExtScript("ext:eyot_node/util_types.js");
  const errors = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");

  const isObject = (value) => value !== null && typeof value === "object";
  const old = {
    isArray: ArrayIsArray,
    isBoolean: (value) => typeof value === "boolean",
    isBuffer: (value) => Buffer.isBuffer(value),
    isDate: (value) => types.isDate(value) || ObjectPrototypeIsPrototypeOf(DatePrototype, value),
    isError: (value) => types.isNativeError(value) || ObjectPrototypeIsPrototypeOf(ErrorPrototype, value),
    isFunction: (value) => typeof value === "function",
    isNull: (value) => value === null,
    isNullOrUndefined: (value) => value === null || value === undefined,
    isNumber: (value) => typeof value === "number",
    isObject,
    isPrimitive: (value) => !isObject(value) && typeof value !== "function",
    isRegExp: (value) => types.isRegExp(value),
    isString: (value) => typeof value === "string",
    isSymbol: (value) => typeof value === "symbol",
    isUndefined: (value) => value === undefined,
  };

  return {
    ...util,
    ...old,
    types,
    getCallSite: util.getCallSites,
    _errnoException: (...args) => errors.errnoException?.(...args) ?? new Error(`errno ${args[0]}`),
    _exceptionWithHostPort: (...args) => errors.exceptionWithHostPort?.(...args) ?? new Error(`errno ${args[0]}`),
  };
})()
