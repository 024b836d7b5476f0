// node:events
(function () {
  const events = __bootstrap.core.loadExtScript("ext:eyot_node/deno/_events.js");
  const {
    addAbortListener, captureRejectionSymbol, defaultMaxListeners, errorMonitor, EventEmitter, EventEmitterAsyncResource,
    getEventListeners, getMaxListeners, listenerCount, on, once, setMaxListeners,
  } = events;
  return {
    addAbortListener, captureRejectionSymbol, defaultMaxListeners, errorMonitor, EventEmitter, EventEmitterAsyncResource,
    getEventListeners, getMaxListeners, listenerCount, on, once, setMaxListeners,
    captureRejections: false,
    usingDomains: false,
    default: EventEmitter,
  };
})()
