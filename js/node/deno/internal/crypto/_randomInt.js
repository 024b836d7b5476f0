// deno_node 0.198.0, polyfills/internal/crypto/_randomInt.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const { op_node_random_int } = core.loadExtScript("ext:eyot_node/crypto_ops.js");
  const {
    ERR_INVALID_ARG_TYPE,
    ERR_OUT_OF_RANGE
  } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { validateFunction } = core.loadExtScript(
    "ext:eyot_node/deno/internal/validators.js"
  );
  const {
    MathCeil,
    MathFloor,
    NumberIsSafeInteger
  } = primordials;
  const RAND_MAX = 281474976710655;
  function randomInt(min, max, callback) {
    const minNotSpecified = typeof max === "undefined" || typeof max === "function";
    if (minNotSpecified) {
      callback = max;
      max = min;
      min = 0;
    }
    const isSync = typeof callback === "undefined";
    if (!isSync) {
      validateFunction(callback, "callback");
    }
    if (!NumberIsSafeInteger(min)) {
      throw new ERR_INVALID_ARG_TYPE("min", "a safe integer", min);
    }
    if (!NumberIsSafeInteger(max)) {
      throw new ERR_INVALID_ARG_TYPE("max", "a safe integer", max);
    }
    if (max <= min) {
      throw new ERR_OUT_OF_RANGE(
        "max",
        `greater than the value of "min" (${min})`,
        max
      );
    }
    const range = max - min;
    if (!(range <= RAND_MAX)) {
      throw new ERR_OUT_OF_RANGE(
        `max${minNotSpecified ? "" : " - min"}`,
        `<= ${RAND_MAX}`,
        range
      );
    }
    min = MathCeil(min);
    const result = op_node_random_int(min, MathFloor(max));
    if (!isSync) {
      callback(null, result);
      return;
    }
    return result;
  }
  return {
    default: randomInt
  };
})()
