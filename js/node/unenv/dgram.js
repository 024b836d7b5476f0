// unenv 2.0.0-rc.24, runtime/node/dgram.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/dgram.mjs
  var dgram_exports = {};
  __export(dgram_exports, {
    Socket: () => Socket,
    _createSocketHandle: () => _createSocketHandle,
    createSocket: () => createSocket,
    default: () => dgram_default
  });

  // tests/clients/node_modules/unenv/dist/runtime/mock/noop.mjs
  var noop_default = Object.assign(() => {
  }, { __unenv__: true });

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/dgram/socket.mjs
  var import_node_events = __toESM(require_node_events(), 1);
  var Socket = class extends import_node_events.EventEmitter {
    __unenv__ = true;
    bind() {
      return this;
    }
    close() {
      return this;
    }
    ref() {
      return this;
    }
    unref() {
      return this;
    }
    getRecvBufferSize() {
      return 1e5;
    }
    getSendBufferSize() {
      return 1e4;
    }
    getSendQueueSize() {
      return 0;
    }
    getSendQueueCount() {
      return 0;
    }
    setMulticastLoopback() {
      return false;
    }
    setMulticastTTL() {
      return 1;
    }
    setTTL() {
      return 1;
    }
    address() {
      return {
        address: "127.0.0.1",
        family: "IPv4",
        port: 1234
      };
    }
    remoteAddress() {
      throw new Error("ERR_SOCKET_DGRAM_NOT_CONNECTED");
    }
    [Symbol.asyncDispose]() {
      return Promise.resolve();
    }
    addMembership() {
    }
    addSourceSpecificMembership() {
    }
    connect() {
    }
    disconnect() {
    }
    dropMembership() {
    }
    dropSourceSpecificMembership() {
    }
    send() {
    }
    setSendBufferSize() {
    }
    setBroadcast() {
    }
    setRecvBufferSize() {
    }
    setMulticastInterface() {
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/dgram.mjs
  var _createSocketHandle = noop_default;
  var createSocket = function() {
    return new Socket();
  };
  var dgram_default = {
    Socket,
    _createSocketHandle,
    createSocket
  };
  return __toCommonJS(dgram_exports);
})();
return __module;
})()
