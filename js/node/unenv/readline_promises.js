// unenv 2.0.0-rc.24, runtime/node/readline/promises.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/readline/promises.mjs
  var promises_exports = {};
  __export(promises_exports, {
    Interface: () => Interface2,
    Readline: () => Readline,
    createInterface: () => createInterface,
    default: () => promises_default
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/readline/interface.mjs
  var import_node_events = __toESM(require_node_events(), 1);
  var Interface = class extends import_node_events.EventEmitter {
    terminal = false;
    line = "";
    cursor = 0;
    getPrompt() {
      return "";
    }
    setPrompt(prompt) {
    }
    prompt(preserveCursor) {
    }
    question(query, options, callback) {
      callback && typeof callback === "function" && callback("");
    }
    resume() {
      return this;
    }
    close() {
    }
    write(data, key) {
    }
    getCursorPos() {
      return {
        rows: 0,
        cols: 0
      };
    }
    pause() {
      return this;
    }
    async *[Symbol.asyncIterator]() {
      yield "";
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/readline/promises/interface.mjs
  var Interface2 = class extends Interface {
    question(query, options) {
      return Promise.resolve("");
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/readline/promises/readline.mjs
  var Readline = class {
    clearLine(dir) {
      return this;
    }
    clearScreenDown() {
      return this;
    }
    commit() {
      return Promise.resolve();
    }
    cursorTo(x, y) {
      return this;
    }
    moveCursor(dx, dy) {
      return this;
    }
    rollback() {
      return this;
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/readline/promises.mjs
  var createInterface = () => new Interface2();
  var promises_default = {
    Interface: Interface2,
    Readline,
    createInterface
  };
  return __toCommonJS(promises_exports);
})();
return __module;
})()
