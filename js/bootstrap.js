// Bootstrap: the first of our JavaScript that runs in a fresh context, before any tenant code.
//
// Installs the globals, takes what deno_core leaves on `globalThis` away from tenants' reach, and hands the host its
// entry points through a private property that no script can name.
"use strict";

((globalThis) => {
  const { core } = globalThis.__bootstrap;
  const { op_eyot_expose } = core.ops;
  const { install } = core.loadExtScript("ext:eyot/globals.js");
  const dispatch = core.loadExtScript("ext:eyot/dispatch.js");

  install(globalThis);
  core.loadExtScript("ext:eyot/clock.js").install(globalThis);
  core.loadExtScript("ext:eyot/mappings.js").install(globalThis);
  core.loadExtScript("ext:eyot/promises.js").install();
  core.loadExtScript("ext:eyot/array_methods.js").install(globalThis);
  core.loadExtScript("ext:eyot/long_calls.js").install(globalThis);
  // Errors of Deno's ops that are DOMExceptions, by the class they name.
  for (
    const name of [
      "AbortError", "DataError", "IndexSizeError", "InvalidAccessError", "InvalidCharacterError", "InvalidStateError",
      "NetworkError", "NotSupportedError", "OperationError", "QuotaExceededError", "SyntaxError", "TypeMismatchError",
    ]
  ) {
    core.registerErrorBuilder(`DOMException${name}`, (message) => {
      const { DOMException, QuotaExceededError } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
      return name === "QuotaExceededError" ? new QuotaExceededError(message) : new DOMException(message, name);
    });
  }
  core.loadExtScript("ext:eyot/global_scope.js").install(globalThis);
  core.setReportExceptionCallback((error) => dispatch.reportUncaught("Uncaught", error));
  core.loadExtScript("ext:eyot/async_ops.js").keepFromScripts();
  op_eyot_expose(dispatch.entry);
})(globalThis);
