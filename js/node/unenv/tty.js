// unenv 2.0.0-rc.24, runtime/node/tty.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/tty.mjs
  var tty_exports = {};
  __export(tty_exports, {
    ReadStream: () => ReadStream,
    WriteStream: () => WriteStream,
    default: () => tty_default,
    isatty: () => isatty
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/tty/read-stream.mjs
  var ReadStream = class {
    fd;
    isRaw = false;
    isTTY = false;
    constructor(fd) {
      this.fd = fd;
    }
    setRawMode(mode) {
      this.isRaw = mode;
      return this;
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/tty/write-stream.mjs
  var WriteStream = class {
    fd;
    columns = 80;
    rows = 24;
    isTTY = false;
    constructor(fd) {
      this.fd = fd;
    }
    clearLine(dir, callback) {
      callback && callback();
      return false;
    }
    clearScreenDown(callback) {
      callback && callback();
      return false;
    }
    cursorTo(x, y, callback) {
      callback && typeof callback === "function" && callback();
      return false;
    }
    moveCursor(dx, dy, callback) {
      callback && callback();
      return false;
    }
    getColorDepth(env) {
      return 1;
    }
    hasColors(count, env) {
      return false;
    }
    getWindowSize() {
      return [this.columns, this.rows];
    }
    write(str, encoding, cb) {
      if (str instanceof Uint8Array) {
        str = new TextDecoder().decode(str);
      }
      try {
        console.log(str);
      } catch {
      }
      cb && typeof cb === "function" && cb();
      return false;
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/tty.mjs
  var isatty = function() {
    return false;
  };
  var tty_default = {
    ReadStream,
    WriteStream,
    isatty
  };
  return __toCommonJS(tty_exports);
})();
return __module;
})()
