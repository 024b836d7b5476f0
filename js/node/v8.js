// node:v8: unenv's, and what can be told of strings.
(function () {
  const { core, primordials } = __bootstrap;
  const { StringPrototypeCharCodeAt } = primordials;
  const v8 = core.loadExtScript("ext:eyot_node/unenv/v8.js");
  const { validateString } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");

  function isStringOneByteRepresentation(content) {
    validateString(content, "content");
    for (let i = 0; i < content.length; i++) {
      if (StringPrototypeCharCodeAt(content, i) > 0xff) return false;
    }
    return true;
  }

  const { default: base, ...named } = v8;
  const names = { getCppHeapStatistics: () => ({}), isStringOneByteRepresentation };
  return { ...named, ...names, default: { ...base, ...names } };
})()
