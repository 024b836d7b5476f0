// unenv 2.0.0-rc.24, runtime/node/readline.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // ours:node:readline/promises
  var require_promises = __commonJS({
    "ours:node:readline/promises"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:readline/promises");
    }
  });

  // ours:node:events
  var require_node_events = __commonJS({
    "ours:node:events"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:events");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/readline.mjs
  var readline_exports = {};
  __export(readline_exports, {
    Interface: () => Interface,
    clearLine: () => clearLine,
    clearScreenDown: () => clearScreenDown,
    createInterface: () => createInterface,
    cursorTo: () => cursorTo,
    default: () => readline_default,
    emitKeypressEvents: () => emitKeypressEvents,
    moveCursor: () => moveCursor,
    promises: () => import_promises.default
  });

  // tests/clients/node_modules/unenv/dist/runtime/mock/noop.mjs
  var noop_default = Object.assign(() => {
  }, { __unenv__: true });

  // tests/clients/node_modules/unenv/dist/runtime/node/readline.mjs
  var import_promises = __toESM(require_promises(), 1);

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

  // tests/clients/node_modules/unenv/dist/runtime/node/readline.mjs
  var clearLine = () => false;
  var clearScreenDown = () => false;
  var createInterface = () => new Interface();
  var cursorTo = () => false;
  var emitKeypressEvents = noop_default;
  var moveCursor = () => false;
  var readline_default = {
    clearLine,
    clearScreenDown,
    createInterface,
    cursorTo,
    emitKeypressEvents,
    moveCursor,
    Interface,
    promises: import_promises.default
  };
  return __toCommonJS(readline_exports);
})();
return __module;
})()
