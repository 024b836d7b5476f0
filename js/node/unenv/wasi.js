// unenv 2.0.0-rc.24, runtime/node/wasi.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/wasi.mjs
  var wasi_exports = {};
  __export(wasi_exports, {
    WASI: () => WASI,
    default: () => wasi_default
  });

  // tests/clients/node_modules/unenv/dist/runtime/_internal/utils.mjs
  // @__NO_SIDE_EFFECTS__
  function notImplementedClass(name) {
    return class {
      __unenv__ = true;
      constructor() {
        throw new Error(`[unenv] ${name} is not implemented yet!`);
      }
    };
  }

  // tests/clients/node_modules/unenv/dist/runtime/node/wasi.mjs
  var WASI = /* @__PURE__ */ notImplementedClass("wasi.WASI");
  var wasi_default = { WASI };
  return __toCommonJS(wasi_exports);
})();
return __module;
})()
