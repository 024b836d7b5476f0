// unenv 2.0.0-rc.24, runtime/node/child_process.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/child_process.mjs
  var child_process_exports = {};
  __export(child_process_exports, {
    ChildProcess: () => ChildProcess,
    _forkChild: () => _forkChild,
    default: () => child_process_default,
    exec: () => exec,
    execFile: () => execFile,
    execFileSync: () => execFileSync,
    execSync: () => execSync,
    fork: () => fork,
    spawn: () => spawn,
    spawnSync: () => spawnSync
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

  // tests/clients/node_modules/unenv/dist/runtime/node/child_process.mjs
  var ChildProcess = /* @__PURE__ */ notImplementedClass("child_process.ChildProcess");
  var _forkChild = /* @__PURE__ */ notImplemented("child_process.ChildProcess");
  var exec = /* @__PURE__ */ notImplemented("child_process.exec");
  var execFile = /* @__PURE__ */ notImplemented("child_process.execFile");
  var execFileSync = /* @__PURE__ */ notImplemented("child_process.execFileSync");
  var execSync = /* @__PURE__ */ notImplemented("child_process.execSyn");
  var fork = /* @__PURE__ */ notImplemented("child_process.fork");
  var spawn = /* @__PURE__ */ notImplemented("child_process.spawn");
  var spawnSync = /* @__PURE__ */ notImplemented("child_process.spawnSync");
  var child_process_default = {
    ChildProcess,
    _forkChild,
    exec,
    execFile,
    execFileSync,
    execSync,
    fork,
    spawn,
    spawnSync
  };
  return __toCommonJS(child_process_exports);
})();
return __module;
})()
