// unenv 2.0.0-rc.24, runtime/node/dns.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // ours:node:dns/promises
  var require_promises = __commonJS({
    "ours:node:dns/promises"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:dns/promises");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/dns.mjs
  var dns_exports = {};
  __export(dns_exports, {
    ADDRCONFIG: () => ADDRCONFIG,
    ADDRGETNETWORKPARAMS: () => ADDRGETNETWORKPARAMS,
    ALL: () => ALL,
    BADFAMILY: () => BADFAMILY,
    BADFLAGS: () => BADFLAGS,
    BADHINTS: () => BADHINTS,
    BADNAME: () => BADNAME,
    BADQUERY: () => BADQUERY,
    BADRESP: () => BADRESP,
    BADSTR: () => BADSTR,
    CANCELLED: () => CANCELLED,
    CONNREFUSED: () => CONNREFUSED,
    DESTRUCTION: () => DESTRUCTION,
    EOF: () => EOF,
    FILE: () => FILE,
    FORMERR: () => FORMERR,
    LOADIPHLPAPI: () => LOADIPHLPAPI,
    NODATA: () => NODATA,
    NOMEM: () => NOMEM,
    NONAME: () => NONAME,
    NOTFOUND: () => NOTFOUND,
    NOTIMP: () => NOTIMP,
    NOTINITIALIZED: () => NOTINITIALIZED,
    REFUSED: () => REFUSED,
    Resolver: () => Resolver,
    SERVFAIL: () => SERVFAIL,
    TIMEOUT: () => TIMEOUT,
    V4MAPPED: () => V4MAPPED,
    default: () => dns_default,
    getDefaultResultOrder: () => getDefaultResultOrder,
    getServers: () => getServers,
    lookup: () => lookup,
    lookupService: () => lookupService,
    promises: () => import_promises.default,
    resolve: () => resolve,
    resolve4: () => resolve4,
    resolve6: () => resolve6,
    resolveAny: () => resolveAny,
    resolveCaa: () => resolveCaa,
    resolveCname: () => resolveCname,
    resolveMx: () => resolveMx,
    resolveNaptr: () => resolveNaptr,
    resolveNs: () => resolveNs,
    resolvePtr: () => resolvePtr,
    resolveSoa: () => resolveSoa,
    resolveSrv: () => resolveSrv,
    resolveTxt: () => resolveTxt,
    reverse: () => reverse,
    setDefaultResultOrder: () => setDefaultResultOrder,
    setServers: () => setServers
  });

  // tests/clients/node_modules/unenv/dist/runtime/mock/noop.mjs
  var noop_default = Object.assign(() => {
  }, { __unenv__: true });

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
  // @__NO_SIDE_EFFECTS__
  function notImplementedAsync(name) {
    const fn = /* @__PURE__ */ notImplemented(name);
    fn.__promisify__ = () => /* @__PURE__ */ notImplemented(name + ".__promisify__");
    fn.native = fn;
    return fn;
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

  // tests/clients/node_modules/unenv/dist/runtime/node/dns.mjs
  var import_promises = __toESM(require_promises(), 1);

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/dns/constants.mjs
  var ADDRCONFIG = 1024;
  var ALL = 256;
  var V4MAPPED = 2048;
  var NODATA = "ENODATA";
  var FORMERR = "EFORMERR";
  var SERVFAIL = "ESERVFAIL";
  var NOTFOUND = "ENOTFOUND";
  var NOTIMP = "ENOTIMP";
  var REFUSED = "EREFUSED";
  var BADQUERY = "EBADQUERY";
  var BADNAME = "EBADNAME";
  var BADFAMILY = "EBADFAMILY";
  var BADRESP = "EBADRESP";
  var CONNREFUSED = "ECONNREFUSED";
  var TIMEOUT = "ETIMEOUT";
  var EOF = "EOF";
  var FILE = "EFILE";
  var NOMEM = "ENOMEM";
  var DESTRUCTION = "EDESTRUCTION";
  var BADSTR = "EBADSTR";
  var BADFLAGS = "EBADFLAGS";
  var NONAME = "ENONAME";
  var BADHINTS = "EBADHINTS";
  var NOTINITIALIZED = "ENOTINITIALIZED";
  var LOADIPHLPAPI = "ELOADIPHLPAPI";
  var ADDRGETNETWORKPARAMS = "EADDRGETNETWORKPARAMS";
  var CANCELLED = "ECANCELLED";

  // tests/clients/node_modules/unenv/dist/runtime/node/dns.mjs
  var Resolver = /* @__PURE__ */ notImplementedClass("dns.Resolver");
  var getDefaultResultOrder = () => "verbatim";
  var getServers = () => [];
  var lookup = /* @__PURE__ */ notImplementedAsync("dns.lookup");
  var lookupService = /* @__PURE__ */ notImplementedAsync("dns.lookupService");
  var resolve = /* @__PURE__ */ notImplementedAsync("dns.resolve");
  var resolve4 = /* @__PURE__ */ notImplementedAsync("dns.resolve4");
  var resolve6 = /* @__PURE__ */ notImplementedAsync("dns.resolve6");
  var resolveAny = /* @__PURE__ */ notImplementedAsync("dns.resolveAny");
  var resolveCaa = /* @__PURE__ */ notImplementedAsync("dns.resolveCaa");
  var resolveCname = /* @__PURE__ */ notImplementedAsync("dns.resolveCname");
  var resolveMx = /* @__PURE__ */ notImplementedAsync("dns.resolveMx");
  var resolveNaptr = /* @__PURE__ */ notImplementedAsync("dns.resolveNaptr");
  var resolveNs = /* @__PURE__ */ notImplementedAsync("dns.resolveNs");
  var resolvePtr = /* @__PURE__ */ notImplementedAsync("dns.resolvePtr");
  var resolveSoa = /* @__PURE__ */ notImplementedAsync("dns.resolveSoa");
  var resolveSrv = /* @__PURE__ */ notImplementedAsync("dns.resolveSrv");
  var resolveTxt = /* @__PURE__ */ notImplementedAsync("dns.resolveTxt");
  var reverse = /* @__PURE__ */ notImplemented("dns.reverse");
  var setDefaultResultOrder = noop_default;
  var setServers = noop_default;
  var dns_default = {
    NODATA,
    FORMERR,
    SERVFAIL,
    NOTFOUND,
    NOTIMP,
    REFUSED,
    BADQUERY,
    BADNAME,
    BADFAMILY,
    BADRESP,
    CONNREFUSED,
    TIMEOUT,
    EOF,
    FILE,
    NOMEM,
    DESTRUCTION,
    BADSTR,
    BADFLAGS,
    NONAME,
    BADHINTS,
    NOTINITIALIZED,
    LOADIPHLPAPI,
    ADDRGETNETWORKPARAMS,
    CANCELLED,
    ADDRCONFIG,
    ALL,
    V4MAPPED,
    Resolver,
    getDefaultResultOrder,
    getServers,
    lookup,
    lookupService,
    promises: import_promises.default,
    resolve,
    resolve4,
    resolve6,
    resolveAny,
    resolveCaa,
    resolveCname,
    resolveMx,
    resolveNaptr,
    resolveNs,
    resolvePtr,
    resolveSoa,
    resolveSrv,
    resolveTxt,
    reverse,
    setDefaultResultOrder,
    setServers
  };
  return __toCommonJS(dns_exports);
})();
return __module;
})()
