// deno_node 0.198.0, polyfills/internal/events/abort_listener.mjs, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const { queueMicrotask, SymbolDispose } = primordials;
  const { validateAbortSignal, validateFunction } = core.loadExtScript(
    "ext:eyot_node/deno/internal/validators.js"
  );
  const { codes } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { ERR_INVALID_ARG_TYPE } = codes;
  function addAbortListener(signal, listener) {
    if (signal === void 0) {
      throw new ERR_INVALID_ARG_TYPE("signal", "AbortSignal", signal);
    }
    validateAbortSignal(signal, "signal");
    validateFunction(listener, "listener");
    let removeEventListener;
    if (signal.aborted) {
      queueMicrotask(() => listener({ target: signal }));
    } else {
      signal.addEventListener("abort", listener, {
        __proto__: null,
        once: true
      });
      removeEventListener = () => {
        signal.removeEventListener("abort", listener);
      };
    }
    return {
      __proto__: null,
      [SymbolDispose]() {
        removeEventListener?.();
      }
    };
  }
  const _defaultExport = { addAbortListener };
  return {
    addAbortListener,
    default: _defaultExport
  };
})()
