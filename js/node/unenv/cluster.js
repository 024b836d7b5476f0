// unenv 2.0.0-rc.24, runtime/node/cluster.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/cluster.mjs
  var cluster_exports = {};
  __export(cluster_exports, {
    SCHED_NONE: () => SCHED_NONE,
    SCHED_RR: () => SCHED_RR,
    Worker: () => Worker,
    _events: () => _events,
    _eventsCount: () => _eventsCount,
    _maxListeners: () => _maxListeners,
    default: () => cluster_default,
    disconnect: () => disconnect,
    fork: () => fork,
    isMaster: () => isMaster,
    isPrimary: () => isPrimary,
    isWorker: () => isWorker,
    schedulingPolicy: () => schedulingPolicy,
    settings: () => settings,
    setupMaster: () => setupMaster,
    setupPrimary: () => setupPrimary,
    workers: () => workers
  });
  var import_node_events = __toESM(require_node_events(), 1);

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

  // tests/clients/node_modules/unenv/dist/runtime/node/cluster.mjs
  var SCHED_NONE = 1;
  var SCHED_RR = 2;
  var isMaster = true;
  var isPrimary = true;
  var isWorker = false;
  var schedulingPolicy = SCHED_RR;
  var settings = {};
  var workers = {};
  var fork = /* @__PURE__ */ notImplemented("cluster.fork");
  var disconnect = /* @__PURE__ */ notImplemented("cluster.disconnect");
  var setupPrimary = /* @__PURE__ */ notImplemented("cluster.setupPrimary");
  var setupMaster = /* @__PURE__ */ notImplemented("cluster.setupMaster");
  var _events = [];
  var _eventsCount = 0;
  var _maxListeners = 0;
  var Worker = class extends import_node_events.EventEmitter {
    _connected = false;
    id = 0;
    get process() {
      return globalThis.process;
    }
    get exitedAfterDisconnect() {
      return this._connected;
    }
    isConnected() {
      return this._connected;
    }
    isDead() {
      return true;
    }
    send(message, sendHandle, options, callback) {
      return false;
    }
    kill(signal) {
      this._connected = false;
    }
    destroy(signal) {
      this._connected = false;
    }
    disconnect() {
      this._connected = false;
      return this;
    }
  };
  var _Cluster = class extends import_node_events.EventEmitter {
    Worker = Worker;
    isMaster = isMaster;
    isPrimary = isPrimary;
    isWorker = isWorker;
    SCHED_NONE = SCHED_NONE;
    SCHED_RR = SCHED_RR;
    schedulingPolicy = SCHED_RR;
    settings = settings;
    workers = workers;
    setupPrimary(_settings) {
      setupPrimary();
    }
    setupMaster(_settings) {
      setupMaster();
    }
    disconnect() {
      disconnect();
    }
    fork(env) {
      return fork(env);
    }
  };
  var cluster_default = new _Cluster();
  return __toCommonJS(cluster_exports);
})();
return __module;
})()
