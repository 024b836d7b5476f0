// unenv 2.0.0-rc.24, runtime/node/repl.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // ours:node:module
  var require_node_module = __commonJS({
    "ours:node:module"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:module");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/repl.mjs
  var repl_exports = {};
  __export(repl_exports, {
    REPLServer: () => REPLServer,
    REPL_MODE_SLOPPY: () => REPL_MODE_SLOPPY,
    REPL_MODE_STRICT: () => REPL_MODE_STRICT,
    Recoverable: () => Recoverable,
    _builtinLibs: () => _builtinLibs,
    builtinModules: () => builtinModules,
    default: () => repl_default,
    start: () => start,
    writer: () => writer
  });
  var import_node_module = __toESM(require_node_module(), 1);

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
  function notImplementedClass(name) {
    return class {
      __unenv__ = true;
      constructor() {
        throw new Error(`[unenv] ${name} is not implemented yet!`);
      }
    };
  }

  // tests/clients/node_modules/unenv/dist/runtime/node/repl.mjs
  var writer = /* @__PURE__ */ notImplementedClass("repl.writer");
  var start = /* @__PURE__ */ notImplemented("repl.start");
  var Recoverable = /* @__PURE__ */ notImplementedClass("repl.Recoverable");
  var REPLServer = /* @__PURE__ */ notImplementedClass("repl.REPLServer");
  var REPL_MODE_SLOPPY = /* @__PURE__ */ Symbol("repl-sloppy");
  var REPL_MODE_STRICT = /* @__PURE__ */ Symbol("repl-strict");
  var builtinModules = /* @__PURE__ */ import_node_module.builtinModules.filter((m) => m[0] !== "_");
  var _builtinLibs = builtinModules;
  var repl_default = {
    writer,
    start,
    Recoverable,
    REPLServer,
    builtinModules,
    _builtinLibs,
    REPL_MODE_SLOPPY,
    REPL_MODE_STRICT
  };
  return __toCommonJS(repl_exports);
})();
return __module;
})()
