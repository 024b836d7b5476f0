// node:_stream_wrap: makes a handle of Node's of a stream, and there are no handles here.
(function () {
  const { ERR_METHOD_NOT_IMPLEMENTED } = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  function JSStreamSocket() {
    throw new ERR_METHOD_NOT_IMPLEMENTED("JSStreamSocket");
  }
  return { default: JSStreamSocket };
})()
