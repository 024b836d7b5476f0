// unenv 2.0.0-rc.24, runtime/node/inspector/promises.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/inspector/promises.mjs
  var promises_exports = {};
  __export(promises_exports, {
    Network: () => Network,
    Session: () => Session,
    close: () => close,
    console: () => console,
    default: () => promises_default,
    open: () => open,
    url: () => url,
    waitForDebugger: () => waitForDebugger
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
  // @__NO_SIDE_EFFECTS__
  function notImplementedClass(name) {
    return class {
      __unenv__ = true;
      constructor() {
        throw new Error(`[unenv] ${name} is not implemented yet!`);
      }
    };
  }

  // tests/clients/node_modules/unenv/dist/runtime/mock/noop.mjs
  var noop_default = Object.assign(() => {
  }, { __unenv__: true });

  // tests/clients/node_modules/unenv/dist/runtime/node/inspector/promises.mjs
  var console = {
    debug: noop_default,
    error: noop_default,
    info: noop_default,
    log: noop_default,
    warn: noop_default,
    dir: noop_default,
    dirxml: noop_default,
    table: noop_default,
    trace: noop_default,
    group: noop_default,
    groupCollapsed: noop_default,
    groupEnd: noop_default,
    clear: noop_default,
    count: noop_default,
    countReset: noop_default,
    assert: noop_default,
    profile: noop_default,
    profileEnd: noop_default,
    time: noop_default,
    timeLog: noop_default,
    timeStamp: noop_default
  };
  var Network = /* @__PURE__ */ notImplementedClass("inspectorPromises.Network");
  var Session = /* @__PURE__ */ notImplementedClass("inspectorPromises.Session");
  var url = /* @__PURE__ */ notImplemented("inspectorPromises.url");
  var waitForDebugger = /* @__PURE__ */ notImplemented("inspectorPromises.waitForDebugger");
  var open = /* @__PURE__ */ notImplemented("inspectorPromises.open");
  var close = /* @__PURE__ */ notImplemented("inspectorPromises.close");
  var promises_default = {
    close,
    console,
    Network,
    open,
    Session,
    url,
    waitForDebugger
  };
  return __toCommonJS(promises_exports);
})();
return __module;
})()
