// unenv 2.0.0-rc.24, runtime/node/tls.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // ours:node:net
  var require_node_net = __commonJS({
    "ours:node:net"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:net");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/tls.mjs
  var tls_exports = {};
  __export(tls_exports, {
    CLIENT_RENEG_LIMIT: () => CLIENT_RENEG_LIMIT,
    CLIENT_RENEG_WINDOW: () => CLIENT_RENEG_WINDOW,
    DEFAULT_CIPHERS: () => DEFAULT_CIPHERS,
    DEFAULT_ECDH_CURVE: () => DEFAULT_ECDH_CURVE,
    DEFAULT_MAX_VERSION: () => DEFAULT_MAX_VERSION,
    DEFAULT_MIN_VERSION: () => DEFAULT_MIN_VERSION,
    SecureContext: () => SecureContext,
    Server: () => Server,
    TLSSocket: () => TLSSocket,
    checkServerIdentity: () => checkServerIdentity,
    connect: () => connect,
    convertALPNProtocols: () => convertALPNProtocols,
    createSecureContext: () => createSecureContext,
    createSecurePair: () => createSecurePair,
    createServer: () => createServer,
    default: () => tls_default,
    getCiphers: () => getCiphers,
    rootCertificates: () => rootCertificates
  });

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

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/tls/tls-socket.mjs
  var import_node_net = __toESM(require_node_net(), 1);
  var TLSSocket = class extends import_node_net.Socket {
    authorized = false;
    encrypted = true;
    alpnProtocol = null;
    authorizationError = new Error("[unenv] TLSSocket.authorizationError is not implemented yet!");
    exportKeyingMaterial() {
      throw createNotImplementedError("TLSSocket.exportKeyingMaterial");
    }
    getCipher() {
      throw createNotImplementedError("TLSSocket.getCipher");
    }
    getPeerCertificate(_detailed) {
      throw createNotImplementedError("TLSSocket.getPeerCertificate");
    }
    getCertificate() {
      return null;
    }
    getEphemeralKeyInfo() {
      return null;
    }
    getFinished() {
    }
    getPeerFinished() {
    }
    getProtocol() {
      return null;
    }
    getSession() {
    }
    getSharedSigalgs() {
      return [];
    }
    getTLSTicket() {
    }
    isSessionReused() {
      return false;
    }
    renegotiate(options, callback) {
      if (typeof callback === "function") {
        callback(null);
      }
    }
    setMaxSendFragment(size) {
      return false;
    }
    disableRenegotiation() {
    }
    enableTrace() {
    }
    getPeerX509Certificate() {
    }
    getX509Certificate() {
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/tls/server.mjs
  var import_node_net2 = __toESM(require_node_net(), 1);
  var Server = class extends import_node_net2.Server {
    constructor(arg1, arg2) {
      super(arg1, arg2);
    }
    addContext(hostname, context) {
    }
    setSecureContext(options) {
    }
    setTicketKeys(_keys) {
      throw createNotImplementedError("Server.setTicketKeys");
    }
    getTicketKeys() {
      throw createNotImplementedError("Server.getTicketKeys");
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/tls/secure-context.mjs
  var SecureContext = class {
    context = {};
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/tls/constants.mjs
  var CLIENT_RENEG_LIMIT = 3;
  var CLIENT_RENEG_WINDOW = 600;
  var DEFAULT_CIPHERS = "";
  var DEFAULT_ECDH_CURVE = "auto";
  var DEFAULT_MIN_VERSION = "TLSv1.2";
  var DEFAULT_MAX_VERSION = "TLSv1.3";

  // tests/clients/node_modules/unenv/dist/runtime/node/tls.mjs
  var connect = function connect2() {
    return new TLSSocket();
  };
  var createServer = function createServer2() {
    return new Server();
  };
  var checkServerIdentity = /* @__PURE__ */ notImplemented("tls.checkServerIdentity");
  var convertALPNProtocols = /* @__PURE__ */ notImplemented("tls.convertALPNProtocols");
  var createSecureContext = /* @__PURE__ */ notImplemented("tls.createSecureContext");
  var createSecurePair = /* @__PURE__ */ notImplemented("tls.createSecurePair");
  var getCiphers = /* @__PURE__ */ notImplemented("tls.getCiphers");
  var rootCertificates = [];
  var tls_default = {
    CLIENT_RENEG_LIMIT,
    CLIENT_RENEG_WINDOW,
    DEFAULT_CIPHERS,
    DEFAULT_ECDH_CURVE,
    DEFAULT_MAX_VERSION,
    DEFAULT_MIN_VERSION,
    SecureContext,
    Server,
    TLSSocket,
    checkServerIdentity,
    connect,
    convertALPNProtocols,
    createSecureContext,
    createSecurePair,
    createServer,
    getCiphers,
    rootCertificates
  };
  return __toCommonJS(tls_exports);
})();
return __module;
})()
