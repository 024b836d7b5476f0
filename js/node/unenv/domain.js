// unenv 2.0.0-rc.24, runtime/node/domain.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/domain.mjs
  var domain_exports = {};
  __export(domain_exports, {
    Domain: () => Domain,
    _stack: () => _stack,
    active: () => active,
    create: () => create,
    createDomain: () => createDomain,
    default: () => domain_default
  });

  // tests/clients/node_modules/unenv/dist/runtime/_internal/utils.mjs
  // @__NO_SIDE_EFFECTS__
  function createNotImplementedError(name) {
    return new Error(`[unenv] ${name} is not implemented yet!`);
  }

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/domain/domain.mjs
  var import_node_events = __toESM(require_node_events(), 1);
  var Domain = class extends import_node_events.EventEmitter {
    __unenv__ = true;
    members = [];
    add() {
    }
    enter() {
    }
    exit() {
    }
    remove() {
    }
    bind(callback) {
      throw createNotImplementedError("Domain.bind");
    }
    intercept(callback) {
      throw createNotImplementedError("Domain.intercept");
    }
    run(fn, ...args) {
      throw createNotImplementedError("Domain.run");
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/domain.mjs
  var create = function() {
    return new Domain();
  };
  var createDomain = create;
  var _domain = create();
  var active = () => _domain;
  var _stack = [];
  var domain_default = {
    Domain,
    _stack,
    active,
    create,
    createDomain
  };
  return __toCommonJS(domain_exports);
})();
return __module;
})()
