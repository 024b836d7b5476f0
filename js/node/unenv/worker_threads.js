// unenv 2.0.0-rc.24, runtime/node/worker_threads.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
(function () {
var __module = (() => {
  var __create = Object.create;
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __getProtoOf = Object.getPrototypeOf;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __commonJS = (cb, mod) => function __require() {
    try {
      return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
    } catch (e) {
      throw mod = 0, e;
    }
  };
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
    // If the importer is in node compatibility mode or this is not an ESM
    // file that has been converted to a CommonJS file using a Babel-
    // compatible transform (i.e. "__esModule" has not been set), then set
    // "default" to the CommonJS "module.exports" for node compatibility.
    isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
    mod
  ));
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // ours:node:events
  var require_node_events = __commonJS({
    "ours:node:events"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:events");
    }
  });

  // ours:node:stream
  var require_node_stream = __commonJS({
    "ours:node:stream"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:stream");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/worker_threads.mjs
  var worker_threads_exports = {};
  __export(worker_threads_exports, {
    BroadcastChannel: () => BroadcastChannel,
    MessageChannel: () => MessageChannel,
    MessagePort: () => MessagePort,
    SHARE_ENV: () => SHARE_ENV,
    Worker: () => Worker,
    default: () => worker_threads_default,
    getEnvironmentData: () => getEnvironmentData,
    isInternalThread: () => isInternalThread,
    isMainThread: () => isMainThread,
    isMarkedAsUntransferable: () => isMarkedAsUntransferable,
    markAsUncloneable: () => markAsUncloneable,
    markAsUntransferable: () => markAsUntransferable,
    moveMessagePortToContext: () => moveMessagePortToContext,
    parentPort: () => parentPort,
    postMessageToThread: () => postMessageToThread,
    receiveMessageOnPort: () => receiveMessageOnPort,
    resourceLimits: () => resourceLimits,
    setEnvironmentData: () => setEnvironmentData,
    threadId: () => threadId,
    workerData: () => workerData
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/worker_threads/broadcast-channel.mjs
  var BroadcastChannel = class {
    name = "";
    onmessage = (message) => {
    };
    onmessageerror = (message) => {
    };
    close() {
    }
    postMessage(message) {
    }
    ref() {
      return this;
    }
    unref() {
      return this;
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/worker_threads/message-port.mjs
  var import_node_events = __toESM(require_node_events(), 1);
  var MessagePort = class extends import_node_events.EventEmitter {
    close() {
    }
    postMessage(value, transferList) {
    }
    ref() {
    }
    unref() {
    }
    start() {
    }
    addEventListener(type, listener) {
      this.on(type, listener);
    }
    removeEventListener(type, listener) {
      this.off(type, listener);
    }
    dispatchEvent(event) {
      return this.emit(event.type, event);
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/worker_threads/message-channel.mjs
  var MessageChannel = class {
    port1 = new MessagePort();
    port2 = new MessagePort();
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/worker_threads/worker.mjs
  var import_node_events2 = __toESM(require_node_events(), 1);
  var import_node_stream = __toESM(require_node_stream(), 1);
  var Worker = class extends import_node_events2.EventEmitter {
    stdin = null;
    stdout = new import_node_stream.Readable();
    stderr = new import_node_stream.Readable();
    threadId = 0;
    performance = { eventLoopUtilization: () => ({
      idle: 0,
      active: 0,
      utilization: 0
    }) };
    postMessage(_value, _transferList) {
    }
    postMessageToThread(_threadId, _value, _transferList, _timeout) {
      return Promise.resolve();
    }
    ref() {
    }
    unref() {
    }
    terminate() {
      return Promise.resolve(0);
    }
    getHeapSnapshot() {
      return Promise.resolve(new import_node_stream.Readable());
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/_internal/utils.mjs
  // @__NO_SIDE_EFFECTS__
  function createNotImplementedError(name) {
    return new Error(`[unenv] ${name} is not implemented yet!`);
  }
  // @__NO_SIDE_EFFECTS__
  function notImplemented(name) {
    const fn = () => {
      throw /* @__PURE__ */ createNotImplementedError(name);
    };
    return Object.assign(fn, { __unenv__: true });
  }

  // tests/clients/node_modules/unenv/dist/runtime/node/worker_threads.mjs
  var _environmentData = /* @__PURE__ */ new Map();
  var getEnvironmentData = function getEnvironmentData2(key) {
    return _environmentData.get(key);
  };
  var setEnvironmentData = function setEnvironmentData2(key, value) {
    _environmentData.set(key, value);
  };
  var isMainThread = true;
  var isMarkedAsUntransferable = () => false;
  var markAsUntransferable = function markAsUntransferable2(value) {
  };
  var markAsUncloneable = () => {
  };
  var moveMessagePortToContext = () => new MessagePort();
  var parentPort = null;
  var receiveMessageOnPort = () => void 0;
  var SHARE_ENV = /* @__PURE__ */ Symbol.for("nodejs.worker_threads.SHARE_ENV");
  var resourceLimits = {};
  var threadId = 0;
  var workerData = null;
  var postMessageToThread = /* @__PURE__ */ notImplemented("worker_threads.postMessageToThread");
  var isInternalThread = false;
  var worker_threads_default = {
    BroadcastChannel,
    MessageChannel,
    MessagePort,
    Worker,
    SHARE_ENV,
    getEnvironmentData,
    isMainThread,
    isMarkedAsUntransferable,
    markAsUntransferable,
    markAsUncloneable,
    moveMessagePortToContext,
    parentPort,
    receiveMessageOnPort,
    resourceLimits,
    setEnvironmentData,
    postMessageToThread,
    threadId,
    workerData,
    isInternalThread
  };
  return __toCommonJS(worker_threads_exports);
})();
return __module;
})()
