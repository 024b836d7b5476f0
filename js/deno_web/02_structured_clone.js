// Structured clone as Deno's streams and performance timeline ask for it, in place of deno_web's own.
(function () {
  const { core } = __bootstrap;

  /** A clone without a transfer list. */
  function structuredClone(value) {
    const { structuredClone } = core.loadExtScript("ext:eyot/structured_clone.js");
    return structuredClone(value);
  }

  return { structuredClone };
})()
