// unenv 2.0.0-rc.24, runtime/node/trace_events.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/trace_events.mjs
  var trace_events_exports = {};
  __export(trace_events_exports, {
    createTracing: () => createTracing,
    default: () => trace_events_default,
    getEnabledCategories: () => getEnabledCategories
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/trace_events/tracing.mjs
  var Tracing = class {
    categories = "";
    enabled = false;
    disable() {
      this.enabled = false;
    }
    enable() {
      this.enabled = true;
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/trace_events.mjs
  var createTracing = function() {
    return new Tracing();
  };
  var getEnabledCategories = () => "";
  var trace_events_default = {
    createTracing,
    getEnabledCategories
  };
  return __toCommonJS(trace_events_exports);
})();
return __module;
})()
