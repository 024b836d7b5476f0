// What Node's binding "util" tells of objects.
(function () {
  const { core, primordials } = __bootstrap;
  const { SymbolFor, NumberIsInteger, Number, String } = primordials;
  const { op_eyot_node_own_non_index_properties } = core.ops;
  const ALL_PROPERTIES = 0;
  const ONLY_ENUMERABLE = 2;

  function isArrayIndex(value) {
    if (typeof value !== "number" && typeof value !== "string") return false;
    const number = Number(value);
    return NumberIsInteger(number) && number >= 0 && number < 4294967295 && String(number) === String(value);
  }

  const exported = {
    ALL_PROPERTIES,
    ONLY_ENUMERABLE,
    SKIP_SYMBOLS: 16,
    arrayBufferViewHasBuffer: () => true,
    getOwnNonIndexProperties: (object, filter) =>
      op_eyot_node_own_non_index_properties(object, filter) ?? [],
    guessHandleType: () => "UNKNOWN",
    isArrayIndex,
    parseEnv: (content) => core.loadExtScript("ext:eyot_node/parse_env.js").parseEnv(content),
    untransferableSymbol: SymbolFor("nodejs.worker_threads.untransferable"),
  };
  return { ...exported, default: exported };
})()
