// Errors that crossed an isolate's border.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } = primordials;
  const { loadExtScript } = core;

  /** An error that crossed an isolate's border: of its own kind where that is a standard one. */
  function revive(name, message) {
    const kinds = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
    const Kind = kinds[name];
    if (Kind !== undefined) return new Kind(message);
    if (name === "AbortError" || name === "DataCloneError") {
      const { DOMException } = loadExtScript("ext:deno_web/01_dom_exception.js");
      return new DOMException(message, name);
    }
    const error = new Error(message);
    error.name = name;
    return error;
  }
  return { revive };
})()
