// unenv 2.0.0-rc.24, runtime/node/net.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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
    "ours:node:events"(exports2, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:events");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/net.mjs
  var net_exports = {};
  __export(net_exports, {
    BlockList: () => BlockList,
    Server: () => Server,
    Socket: () => Socket,
    SocketAddress: () => SocketAddress,
    Stream: () => Socket,
    _createServerHandle: () => _createServerHandle,
    _normalizeArgs: () => _normalizeArgs,
    _setSimultaneousAccepts: () => _setSimultaneousAccepts,
    connect: () => connect,
    createConnection: () => createConnection,
    createServer: () => createServer,
    default: () => net_default,
    getDefaultAutoSelectFamily: () => getDefaultAutoSelectFamily,
    getDefaultAutoSelectFamilyAttemptTimeout: () => getDefaultAutoSelectFamilyAttemptTimeout,
    isIP: () => isIP,
    isIPv4: () => isIPv4,
    isIPv6: () => isIPv6,
    setDefaultAutoSelectFamily: () => setDefaultAutoSelectFamily,
    setDefaultAutoSelectFamilyAttemptTimeout: () => setDefaultAutoSelectFamilyAttemptTimeout
  });

  // tests/clients/node_modules/unenv/dist/runtime/_internal/utils.mjs
  // @__NO_SIDE_EFFECTS__
  function mergeFns(...functions) {
    return function(...args) {
      for (const fn of functions) {
        fn(...args);
      }
    };
  }
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
  // @__NO_SIDE_EFFECTS__
  function notImplementedClass(name) {
    return class {
      __unenv__ = true;
      constructor() {
        throw new Error(`[unenv] ${name} is not implemented yet!`);
      }
    };
  }

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/stream/readable.mjs
  var import_node_events = __toESM(require_node_events(), 1);
  var _Readable = class __Readable extends import_node_events.EventEmitter {
    __unenv__ = true;
    readableEncoding = null;
    readableEnded = true;
    readableFlowing = false;
    readableHighWaterMark = 0;
    readableLength = 0;
    readableObjectMode = false;
    readableAborted = false;
    readableDidRead = false;
    closed = false;
    errored = null;
    readable = false;
    destroyed = false;
    static from(_iterable, options) {
      return new __Readable(options);
    }
    constructor(_opts) {
      super();
    }
    _read(_size) {
    }
    read(_size) {
    }
    setEncoding(_encoding) {
      return this;
    }
    pause() {
      return this;
    }
    resume() {
      return this;
    }
    isPaused() {
      return true;
    }
    unpipe(_destination) {
      return this;
    }
    unshift(_chunk, _encoding) {
    }
    wrap(_oldStream) {
      return this;
    }
    push(_chunk, _encoding) {
      return false;
    }
    _destroy(_error, _callback) {
      this.removeAllListeners();
    }
    destroy(error) {
      this.destroyed = true;
      this._destroy(error);
      return this;
    }
    pipe(_destenition, _options) {
      return {};
    }
    compose(stream, options) {
      throw new Error("[unenv] Method not implemented.");
    }
    [Symbol.asyncDispose]() {
      this.destroy();
      return Promise.resolve();
    }
    // eslint-disable-next-line require-yield
    async *[Symbol.asyncIterator]() {
      throw createNotImplementedError("Readable.asyncIterator");
    }
    iterator(options) {
      throw createNotImplementedError("Readable.iterator");
    }
    map(fn, options) {
      throw createNotImplementedError("Readable.map");
    }
    filter(fn, options) {
      throw createNotImplementedError("Readable.filter");
    }
    forEach(fn, options) {
      throw createNotImplementedError("Readable.forEach");
    }
    reduce(fn, initialValue, options) {
      throw createNotImplementedError("Readable.reduce");
    }
    find(fn, options) {
      throw createNotImplementedError("Readable.find");
    }
    findIndex(fn, options) {
      throw createNotImplementedError("Readable.findIndex");
    }
    some(fn, options) {
      throw createNotImplementedError("Readable.some");
    }
    toArray(options) {
      throw createNotImplementedError("Readable.toArray");
    }
    every(fn, options) {
      throw createNotImplementedError("Readable.every");
    }
    flatMap(fn, options) {
      throw createNotImplementedError("Readable.flatMap");
    }
    drop(limit, options) {
      throw createNotImplementedError("Readable.drop");
    }
    take(limit, options) {
      throw createNotImplementedError("Readable.take");
    }
    asIndexedPairs(options) {
      throw createNotImplementedError("Readable.asIndexedPairs");
    }
  };
  var Readable = globalThis.Readable || _Readable;

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/stream/writable.mjs
  var import_node_events2 = __toESM(require_node_events(), 1);
  var _Writable = class extends import_node_events2.EventEmitter {
    __unenv__ = true;
    writable = true;
    writableEnded = false;
    writableFinished = false;
    writableHighWaterMark = 0;
    writableLength = 0;
    writableObjectMode = false;
    writableCorked = 0;
    closed = false;
    errored = null;
    writableNeedDrain = false;
    destroyed = false;
    _data;
    _encoding = "utf-8";
    constructor(_opts) {
      super();
    }
    pipe(_destenition, _options) {
      return {};
    }
    _write(chunk, encoding, callback) {
      if (this.writableEnded) {
        if (callback) {
          callback();
        }
        return;
      }
      if (this._data === void 0) {
        this._data = chunk;
      } else {
        const a = typeof this._data === "string" ? Buffer.from(this._data, this._encoding || encoding || "utf8") : this._data;
        const b = typeof chunk === "string" ? Buffer.from(chunk, encoding || this._encoding || "utf8") : chunk;
        this._data = Buffer.concat([a, b]);
      }
      this._encoding = encoding;
      if (callback) {
        callback();
      }
    }
    _writev(_chunks, _callback) {
    }
    _destroy(_error, _callback) {
    }
    _final(_callback) {
    }
    write(chunk, arg2, arg3) {
      const encoding = typeof arg2 === "string" ? this._encoding : "utf-8";
      const cb = typeof arg2 === "function" ? arg2 : typeof arg3 === "function" ? arg3 : void 0;
      this._write(chunk, encoding, cb);
      return true;
    }
    setDefaultEncoding(_encoding) {
      return this;
    }
    end(arg1, arg2, arg3) {
      const callback = typeof arg1 === "function" ? arg1 : typeof arg2 === "function" ? arg2 : typeof arg3 === "function" ? arg3 : void 0;
      if (this.writableEnded) {
        if (callback) {
          callback();
        }
        return this;
      }
      const data = arg1 === callback ? void 0 : arg1;
      if (data) {
        const encoding = arg2 === callback ? void 0 : arg2;
        this.write(data, encoding, callback);
      }
      this.writableEnded = true;
      this.writableFinished = true;
      this.emit("close");
      this.emit("finish");
      return this;
    }
    cork() {
    }
    uncork() {
    }
    destroy(_error) {
      this.destroyed = true;
      delete this._data;
      this.removeAllListeners();
      return this;
    }
    compose(stream, options) {
      throw new Error("[h3] Method not implemented.");
    }
  };
  var Writable = globalThis.Writable || _Writable;

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/stream/duplex.mjs
  var __Duplex = class {
    allowHalfOpen = true;
    _destroy;
    constructor(readable = new Readable(), writable = new Writable()) {
      Object.assign(this, readable);
      Object.assign(this, writable);
      this._destroy = mergeFns(readable._destroy, writable._destroy);
    }
  };
  function getDuplex() {
    Object.assign(__Duplex.prototype, Readable.prototype);
    Object.assign(__Duplex.prototype, Writable.prototype);
    return __Duplex;
  }
  var _Duplex = /* @__PURE__ */ getDuplex();
  var Duplex = globalThis.Duplex || _Duplex;

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/net/socket.mjs
  var Socket = class extends Duplex {
    __unenv__ = true;
    bufferSize = 0;
    bytesRead = 0;
    bytesWritten = 0;
    connecting = false;
    destroyed = false;
    pending = false;
    localAddress = "";
    localPort = 0;
    remoteAddress = "";
    remoteFamily = "";
    remotePort = 0;
    autoSelectFamilyAttemptedAddresses = [];
    readyState = "readOnly";
    constructor(_options) {
      super();
    }
    write(_buffer, _arg1, _arg2) {
      return false;
    }
    connect(_arg1, _arg2, _arg3) {
      return this;
    }
    end(_arg1, _arg2, _arg3) {
      return this;
    }
    setEncoding(_encoding) {
      return this;
    }
    pause() {
      return this;
    }
    resume() {
      return this;
    }
    setTimeout(_timeout, _callback) {
      return this;
    }
    setNoDelay(_noDelay) {
      return this;
    }
    setKeepAlive(_enable, _initialDelay) {
      return this;
    }
    address() {
      return {};
    }
    unref() {
      return this;
    }
    ref() {
      return this;
    }
    destroySoon() {
      this.destroy();
    }
    resetAndDestroy() {
      const err = new Error("ERR_SOCKET_CLOSED");
      err.code = "ERR_SOCKET_CLOSED";
      this.destroy(err);
      return this;
    }
  };
  var SocketAddress = class {
    __unenv__ = true;
    address;
    family;
    port;
    flowlabel;
    static parse(_address, _port) {
      return void 0;
    }
    constructor(options) {
      this.address = options.address;
      this.family = options.family;
      this.port = options.port;
      this.flowlabel = options.flowlabel;
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/net/server.mjs
  var import_node_events3 = __toESM(require_node_events(), 1);
  var Server = class extends import_node_events3.EventEmitter {
    __unenv__ = true;
    maxConnections = 1;
    connections = 0;
    listening = false;
    constructor(arg1, arg2) {
      super();
    }
    listen() {
      throw createNotImplementedError("node:net.Server.listen()");
    }
    close(callback) {
      throw createNotImplementedError("node:net.Server.close()");
    }
    address() {
      return null;
    }
    getConnections(cb) {
      cb(null, 0);
    }
    ref() {
      return this;
    }
    unref() {
      return this;
    }
    [Symbol.asyncDispose]() {
      return Promise.resolve();
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/net.mjs
  var createServer = /* @__PURE__ */ notImplemented("net.createServer");
  var BlockList = /* @__PURE__ */ notImplementedClass("net.BlockList");
  var connect = /* @__PURE__ */ notImplemented("net.connect");
  var createConnection = /* @__PURE__ */ notImplemented("net.createConnection");
  var getDefaultAutoSelectFamily = /* @__PURE__ */ notImplemented("net.getDefaultAutoSelectFamily");
  var setDefaultAutoSelectFamily = /* @__PURE__ */ notImplemented("net.setDefaultAutoSelectFamily");
  var getDefaultAutoSelectFamilyAttemptTimeout = /* @__PURE__ */ notImplemented("net.getDefaultAutoSelectFamilyAttemptTimeout");
  var setDefaultAutoSelectFamilyAttemptTimeout = /* @__PURE__ */ notImplemented("net.setDefaultAutoSelectFamilyAttemptTimeout");
  var IPV4Regex = /^(?:\d{1,3}\.){3}\d{1,3}$/;
  var isIPv4 = (host) => IPV4Regex.test(host);
  var IPV6Regex = /^([\dA-Fa-f]{1,4}:){7}[\dA-Fa-f]{1,4}$/;
  var isIPv6 = (host) => IPV6Regex.test(host);
  var isIP = (host) => {
    if (isIPv4(host)) {
      return 4;
    }
    if (isIPv6(host)) {
      return 6;
    }
    return 0;
  };
  var _createServerHandle = /* @__PURE__ */ notImplemented("net._createServerHandle");
  var _normalizeArgs = /* @__PURE__ */ notImplemented("net._normalizeArgs");
  var _setSimultaneousAccepts = /* @__PURE__ */ notImplemented("net._setSimultaneousAccepts");
  var exports = {
    Socket,
    Stream: Socket,
    Server,
    BlockList,
    SocketAddress,
    createServer,
    connect,
    createConnection,
    isIPv4,
    isIPv6,
    isIP,
    getDefaultAutoSelectFamily,
    getDefaultAutoSelectFamilyAttemptTimeout,
    setDefaultAutoSelectFamily,
    setDefaultAutoSelectFamilyAttemptTimeout,
    _createServerHandle,
    _normalizeArgs,
    _setSimultaneousAccepts
  };
  var net_default = exports;
  return __toCommonJS(net_exports);
})();
return __module;
})()
