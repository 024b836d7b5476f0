// unenv 2.0.0-rc.24, runtime/node/vm.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
(function () {
var __module = (() => {
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
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
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // tests/clients/node_modules/unenv/dist/runtime/node/vm.mjs
  var vm_exports = {};
  __export(vm_exports, {
    Script: () => Script,
    compileFunction: () => compileFunction,
    constants: () => constants_exports,
    createContext: () => createContext,
    createScript: () => createScript,
    default: () => vm_default,
    isContext: () => isContext,
    measureMemory: () => measureMemory,
    runInContext: () => runInContext,
    runInNewContext: () => runInNewContext,
    runInThisContext: () => runInThisContext
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

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/vm/script.mjs
  var Script = class {
    runInContext(contextifiedObject, options) {
      throw createNotImplementedError("Script.runInContext");
    }
    runInNewContext(contextObject, options) {
      throw createNotImplementedError("Script.runInNewContext");
    }
    runInThisContext(options) {
      throw createNotImplementedError("Script.runInThisContext");
    }
    createCachedData() {
      throw createNotImplementedError("Script.createCachedData");
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/vm/constants.mjs
  var constants_exports = {};
  __export(constants_exports, {
    DONT_CONTEXTIFY: () => DONT_CONTEXTIFY,
    USE_MAIN_CONTEXT_DEFAULT_LOADER: () => USE_MAIN_CONTEXT_DEFAULT_LOADER
  });
  var USE_MAIN_CONTEXT_DEFAULT_LOADER = /* @__PURE__ */ Symbol("vm_dynamic_import_main_context_default");
  var DONT_CONTEXTIFY = /* @__PURE__ */ Symbol("vm_context_no_contextify");

  // tests/clients/node_modules/unenv/dist/runtime/node/vm.mjs
  var compileFunction = /* @__PURE__ */ notImplemented("vm.compileFunction");
  var _contextSymbol = /* @__PURE__ */ Symbol("uenv.vm.context");
  var createContext = function createContext2() {
    return Object.create(null, { [_contextSymbol]: { value: true } });
  };
  var createScript = function createScript2() {
    return new Script();
  };
  var isContext = (context) => {
    return context && context[_contextSymbol] === true;
  };
  var measureMemory = () => Promise.resolve({
    total: {
      jsMemoryEstimate: 0,
      jsMemoryRange: [1, 2]
    },
    WebAssembly: {
      code: 0,
      metadata: 0
    }
  });
  var runInContext = /* @__PURE__ */ notImplemented("vm.runInContext");
  var runInNewContext = /* @__PURE__ */ notImplemented("vm.runInNewContext");
  var runInThisContext = /* @__PURE__ */ notImplemented("vm.runInThisContext");
  var vm_default = {
    Script,
    compileFunction,
    constants: constants_exports,
    createContext,
    isContext,
    measureMemory,
    runInContext,
    runInNewContext,
    runInThisContext,
    createScript
  };
  return __toCommonJS(vm_exports);
})();
return __module;
})()
