// unenv 2.0.0-rc.24, runtime/node/fs.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // ours:node:fs/promises
  var require_promises = __commonJS({
    "ours:node:fs/promises"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:fs/promises");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/fs.mjs
  var fs_exports = {};
  __export(fs_exports, {
    Dir: () => Dir,
    Dirent: () => Dirent,
    F_OK: () => F_OK,
    FileReadStream: () => FileReadStream,
    FileWriteStream: () => FileWriteStream,
    R_OK: () => R_OK,
    ReadStream: () => ReadStream,
    Stats: () => Stats,
    W_OK: () => W_OK,
    WriteStream: () => WriteStream,
    X_OK: () => X_OK,
    _toUnixTimestamp: () => _toUnixTimestamp,
    access: () => access2,
    accessSync: () => accessSync,
    appendFile: () => appendFile2,
    appendFileSync: () => appendFileSync,
    chmod: () => chmod2,
    chmodSync: () => chmodSync,
    chown: () => chown2,
    chownSync: () => chownSync,
    close: () => close,
    closeSync: () => closeSync,
    constants: () => constants_exports,
    copyFile: () => copyFile2,
    copyFileSync: () => copyFileSync,
    cp: () => cp2,
    cpSync: () => cpSync,
    createReadStream: () => createReadStream,
    createWriteStream: () => createWriteStream,
    default: () => fs_default,
    exists: () => exists,
    existsSync: () => existsSync,
    fchmod: () => fchmod,
    fchmodSync: () => fchmodSync,
    fchown: () => fchown,
    fchownSync: () => fchownSync,
    fdatasync: () => fdatasync,
    fdatasyncSync: () => fdatasyncSync,
    fstat: () => fstat,
    fstatSync: () => fstatSync,
    fsync: () => fsync,
    fsyncSync: () => fsyncSync,
    ftruncate: () => ftruncate,
    ftruncateSync: () => ftruncateSync,
    futimes: () => futimes,
    futimesSync: () => futimesSync,
    glob: () => glob,
    globSync: () => globSync,
    lchmod: () => lchmod2,
    lchmodSync: () => lchmodSync,
    lchown: () => lchown2,
    lchownSync: () => lchownSync,
    link: () => link2,
    linkSync: () => linkSync,
    lstat: () => lstat2,
    lstatSync: () => lstatSync,
    lutimes: () => lutimes2,
    lutimesSync: () => lutimesSync,
    mkdir: () => mkdir2,
    mkdirSync: () => mkdirSync,
    mkdtemp: () => mkdtemp2,
    mkdtempSync: () => mkdtempSync,
    open: () => open2,
    openAsBlob: () => openAsBlob,
    openSync: () => openSync,
    opendir: () => opendir2,
    opendirSync: () => opendirSync,
    promises: () => import_promises.default,
    read: () => read,
    readFile: () => readFile2,
    readFileSync: () => readFileSync,
    readSync: () => readSync,
    readdir: () => readdir2,
    readdirSync: () => readdirSync,
    readlink: () => readlink2,
    readlinkSync: () => readlinkSync,
    readv: () => readv,
    readvSync: () => readvSync,
    realpath: () => realpath2,
    realpathSync: () => realpathSync,
    rename: () => rename2,
    renameSync: () => renameSync,
    rm: () => rm2,
    rmSync: () => rmSync,
    rmdir: () => rmdir2,
    rmdirSync: () => rmdirSync,
    stat: () => stat2,
    statSync: () => statSync,
    statfs: () => statfs2,
    statfsSync: () => statfsSync,
    symlink: () => symlink2,
    symlinkSync: () => symlinkSync,
    truncate: () => truncate2,
    truncateSync: () => truncateSync,
    unlink: () => unlink2,
    unlinkSync: () => unlinkSync,
    unwatchFile: () => unwatchFile,
    utimes: () => utimes2,
    utimesSync: () => utimesSync,
    watch: () => watch,
    watchFile: () => watchFile,
    write: () => write,
    writeFile: () => writeFile2,
    writeFileSync: () => writeFileSync,
    writeSync: () => writeSync,
    writev: () => writev,
    writevSync: () => writevSync
  });
  var import_promises = __toESM(require_promises(), 1);

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
  function notImplementedAsync(name) {
    const fn = /* @__PURE__ */ notImplemented(name);
    fn.__promisify__ = () => /* @__PURE__ */ notImplemented(name + ".__promisify__");
    fn.native = fn;
    return fn;
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

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/fs/classes.mjs
  var Dir = /* @__PURE__ */ notImplementedClass("fs.Dir");
  var Dirent = /* @__PURE__ */ notImplementedClass("fs.Dirent");
  var Stats = /* @__PURE__ */ notImplementedClass("fs.Stats");
  var ReadStream = /* @__PURE__ */ notImplementedClass("fs.ReadStream");
  var WriteStream = /* @__PURE__ */ notImplementedClass("fs.WriteStream");
  var FileReadStream = ReadStream;
  var FileWriteStream = WriteStream;

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/fs/promises.mjs
  var access = /* @__PURE__ */ notImplemented("fs.access");
  var copyFile = /* @__PURE__ */ notImplemented("fs.copyFile");
  var cp = /* @__PURE__ */ notImplemented("fs.cp");
  var open = /* @__PURE__ */ notImplemented("fs.open");
  var opendir = /* @__PURE__ */ notImplemented("fs.opendir");
  var rename = /* @__PURE__ */ notImplemented("fs.rename");
  var truncate = /* @__PURE__ */ notImplemented("fs.truncate");
  var rm = /* @__PURE__ */ notImplemented("fs.rm");
  var rmdir = /* @__PURE__ */ notImplemented("fs.rmdir");
  var mkdir = /* @__PURE__ */ notImplemented("fs.mkdir");
  var readdir = /* @__PURE__ */ notImplemented("fs.readdir");
  var readlink = /* @__PURE__ */ notImplemented("fs.readlink");
  var symlink = /* @__PURE__ */ notImplemented("fs.symlink");
  var lstat = /* @__PURE__ */ notImplemented("fs.lstat");
  var stat = /* @__PURE__ */ notImplemented("fs.stat");
  var link = /* @__PURE__ */ notImplemented("fs.link");
  var unlink = /* @__PURE__ */ notImplemented("fs.unlink");
  var chmod = /* @__PURE__ */ notImplemented("fs.chmod");
  var lchmod = /* @__PURE__ */ notImplemented("fs.lchmod");
  var lchown = /* @__PURE__ */ notImplemented("fs.lchown");
  var chown = /* @__PURE__ */ notImplemented("fs.chown");
  var utimes = /* @__PURE__ */ notImplemented("fs.utimes");
  var lutimes = /* @__PURE__ */ notImplemented("fs.lutimes");
  var realpath = /* @__PURE__ */ notImplemented("fs.realpath");
  var mkdtemp = /* @__PURE__ */ notImplemented("fs.mkdtemp");
  var writeFile = /* @__PURE__ */ notImplemented("fs.writeFile");
  var appendFile = /* @__PURE__ */ notImplemented("fs.appendFile");
  var readFile = /* @__PURE__ */ notImplemented("fs.readFile");
  var statfs = /* @__PURE__ */ notImplemented("fs.statfs");

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/fs/fs.mjs
  function callbackify(fn) {
    const fnc = function(...args) {
      const cb = args.pop();
      fn().catch((error) => cb(error)).then((val) => cb(void 0, val));
    };
    fnc.__promisify__ = fn;
    fnc.native = fnc;
    return fnc;
  }
  var access2 = callbackify(access);
  var appendFile2 = callbackify(appendFile);
  var chown2 = callbackify(chown);
  var chmod2 = callbackify(chmod);
  var copyFile2 = callbackify(copyFile);
  var cp2 = callbackify(cp);
  var lchown2 = callbackify(lchown);
  var lchmod2 = callbackify(lchmod);
  var link2 = callbackify(link);
  var lstat2 = callbackify(lstat);
  var lutimes2 = callbackify(lutimes);
  var mkdir2 = callbackify(mkdir);
  var mkdtemp2 = callbackify(mkdtemp);
  var realpath2 = callbackify(realpath);
  var open2 = callbackify(open);
  var opendir2 = callbackify(opendir);
  var readdir2 = callbackify(readdir);
  var readFile2 = callbackify(readFile);
  var readlink2 = callbackify(readlink);
  var rename2 = callbackify(rename);
  var rm2 = callbackify(rm);
  var rmdir2 = callbackify(rmdir);
  var stat2 = callbackify(stat);
  var symlink2 = callbackify(symlink);
  var truncate2 = callbackify(truncate);
  var unlink2 = callbackify(unlink);
  var utimes2 = callbackify(utimes);
  var writeFile2 = callbackify(writeFile);
  var statfs2 = callbackify(statfs);
  var close = /* @__PURE__ */ notImplementedAsync("fs.close");
  var createReadStream = /* @__PURE__ */ notImplementedAsync("fs.createReadStream");
  var createWriteStream = /* @__PURE__ */ notImplementedAsync("fs.createWriteStream");
  var exists = /* @__PURE__ */ notImplementedAsync("fs.exists");
  var fchown = /* @__PURE__ */ notImplementedAsync("fs.fchown");
  var fchmod = /* @__PURE__ */ notImplementedAsync("fs.fchmod");
  var fdatasync = /* @__PURE__ */ notImplementedAsync("fs.fdatasync");
  var fstat = /* @__PURE__ */ notImplementedAsync("fs.fstat");
  var fsync = /* @__PURE__ */ notImplementedAsync("fs.fsync");
  var ftruncate = /* @__PURE__ */ notImplementedAsync("fs.ftruncate");
  var futimes = /* @__PURE__ */ notImplementedAsync("fs.futimes");
  var lstatSync = /* @__PURE__ */ notImplementedAsync("fs.lstatSync");
  var read = /* @__PURE__ */ notImplementedAsync("fs.read");
  var readv = /* @__PURE__ */ notImplementedAsync("fs.readv");
  var realpathSync = /* @__PURE__ */ notImplementedAsync("fs.realpathSync");
  var statSync = /* @__PURE__ */ notImplementedAsync("fs.statSync");
  var unwatchFile = /* @__PURE__ */ notImplementedAsync("fs.unwatchFile");
  var watch = /* @__PURE__ */ notImplementedAsync("fs.watch");
  var watchFile = /* @__PURE__ */ notImplementedAsync("fs.watchFile");
  var write = /* @__PURE__ */ notImplementedAsync("fs.write");
  var writev = /* @__PURE__ */ notImplementedAsync("fs.writev");
  var _toUnixTimestamp = /* @__PURE__ */ notImplementedAsync("fs._toUnixTimestamp");
  var openAsBlob = /* @__PURE__ */ notImplementedAsync("fs.openAsBlob");
  var glob = /* @__PURE__ */ notImplementedAsync("fs.glob");
  var appendFileSync = /* @__PURE__ */ notImplemented("fs.appendFileSync");
  var accessSync = /* @__PURE__ */ notImplemented("fs.accessSync");
  var chownSync = /* @__PURE__ */ notImplemented("fs.chownSync");
  var chmodSync = /* @__PURE__ */ notImplemented("fs.chmodSync");
  var closeSync = /* @__PURE__ */ notImplemented("fs.closeSync");
  var copyFileSync = /* @__PURE__ */ notImplemented("fs.copyFileSync");
  var cpSync = /* @__PURE__ */ notImplemented("fs.cpSync");
  var existsSync = () => false;
  var fchownSync = /* @__PURE__ */ notImplemented("fs.fchownSync");
  var fchmodSync = /* @__PURE__ */ notImplemented("fs.fchmodSync");
  var fdatasyncSync = /* @__PURE__ */ notImplemented("fs.fdatasyncSync");
  var fstatSync = /* @__PURE__ */ notImplemented("fs.fstatSync");
  var fsyncSync = /* @__PURE__ */ notImplemented("fs.fsyncSync");
  var ftruncateSync = /* @__PURE__ */ notImplemented("fs.ftruncateSync");
  var futimesSync = /* @__PURE__ */ notImplemented("fs.futimesSync");
  var lchownSync = /* @__PURE__ */ notImplemented("fs.lchownSync");
  var lchmodSync = /* @__PURE__ */ notImplemented("fs.lchmodSync");
  var linkSync = /* @__PURE__ */ notImplemented("fs.linkSync");
  var lutimesSync = /* @__PURE__ */ notImplemented("fs.lutimesSync");
  var mkdirSync = /* @__PURE__ */ notImplemented("fs.mkdirSync");
  var mkdtempSync = /* @__PURE__ */ notImplemented("fs.mkdtempSync");
  var openSync = /* @__PURE__ */ notImplemented("fs.openSync");
  var opendirSync = /* @__PURE__ */ notImplemented("fs.opendirSync");
  var readdirSync = /* @__PURE__ */ notImplemented("fs.readdirSync");
  var readSync = /* @__PURE__ */ notImplemented("fs.readSync");
  var readvSync = /* @__PURE__ */ notImplemented("fs.readvSync");
  var readFileSync = /* @__PURE__ */ notImplemented("fs.readFileSync");
  var readlinkSync = /* @__PURE__ */ notImplemented("fs.readlinkSync");
  var renameSync = /* @__PURE__ */ notImplemented("fs.renameSync");
  var rmSync = /* @__PURE__ */ notImplemented("fs.rmSync");
  var rmdirSync = /* @__PURE__ */ notImplemented("fs.rmdirSync");
  var symlinkSync = /* @__PURE__ */ notImplemented("fs.symlinkSync");
  var truncateSync = /* @__PURE__ */ notImplemented("fs.truncateSync");
  var unlinkSync = /* @__PURE__ */ notImplemented("fs.unlinkSync");
  var utimesSync = /* @__PURE__ */ notImplemented("fs.utimesSync");
  var writeFileSync = /* @__PURE__ */ notImplemented("fs.writeFileSync");
  var writeSync = /* @__PURE__ */ notImplemented("fs.writeSync");
  var writevSync = /* @__PURE__ */ notImplemented("fs.writevSync");
  var statfsSync = /* @__PURE__ */ notImplemented("fs.statfsSync");
  var globSync = /* @__PURE__ */ notImplemented("fs.globSync");

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/fs/constants.mjs
  var constants_exports = {};
  __export(constants_exports, {
    COPYFILE_EXCL: () => COPYFILE_EXCL,
    COPYFILE_FICLONE: () => COPYFILE_FICLONE,
    COPYFILE_FICLONE_FORCE: () => COPYFILE_FICLONE_FORCE,
    EXTENSIONLESS_FORMAT_JAVASCRIPT: () => EXTENSIONLESS_FORMAT_JAVASCRIPT,
    EXTENSIONLESS_FORMAT_WASM: () => EXTENSIONLESS_FORMAT_WASM,
    F_OK: () => F_OK,
    O_APPEND: () => O_APPEND,
    O_CREAT: () => O_CREAT,
    O_DIRECT: () => O_DIRECT,
    O_DIRECTORY: () => O_DIRECTORY,
    O_DSYNC: () => O_DSYNC,
    O_EXCL: () => O_EXCL,
    O_NOATIME: () => O_NOATIME,
    O_NOCTTY: () => O_NOCTTY,
    O_NOFOLLOW: () => O_NOFOLLOW,
    O_NONBLOCK: () => O_NONBLOCK,
    O_RDONLY: () => O_RDONLY,
    O_RDWR: () => O_RDWR,
    O_SYNC: () => O_SYNC,
    O_TRUNC: () => O_TRUNC,
    O_WRONLY: () => O_WRONLY,
    R_OK: () => R_OK,
    S_IFBLK: () => S_IFBLK,
    S_IFCHR: () => S_IFCHR,
    S_IFDIR: () => S_IFDIR,
    S_IFIFO: () => S_IFIFO,
    S_IFLNK: () => S_IFLNK,
    S_IFMT: () => S_IFMT,
    S_IFREG: () => S_IFREG,
    S_IFSOCK: () => S_IFSOCK,
    S_IRGRP: () => S_IRGRP,
    S_IROTH: () => S_IROTH,
    S_IRUSR: () => S_IRUSR,
    S_IRWXG: () => S_IRWXG,
    S_IRWXO: () => S_IRWXO,
    S_IRWXU: () => S_IRWXU,
    S_IWGRP: () => S_IWGRP,
    S_IWOTH: () => S_IWOTH,
    S_IWUSR: () => S_IWUSR,
    S_IXGRP: () => S_IXGRP,
    S_IXOTH: () => S_IXOTH,
    S_IXUSR: () => S_IXUSR,
    UV_DIRENT_BLOCK: () => UV_DIRENT_BLOCK,
    UV_DIRENT_CHAR: () => UV_DIRENT_CHAR,
    UV_DIRENT_DIR: () => UV_DIRENT_DIR,
    UV_DIRENT_FIFO: () => UV_DIRENT_FIFO,
    UV_DIRENT_FILE: () => UV_DIRENT_FILE,
    UV_DIRENT_LINK: () => UV_DIRENT_LINK,
    UV_DIRENT_SOCKET: () => UV_DIRENT_SOCKET,
    UV_DIRENT_UNKNOWN: () => UV_DIRENT_UNKNOWN,
    UV_FS_COPYFILE_EXCL: () => UV_FS_COPYFILE_EXCL,
    UV_FS_COPYFILE_FICLONE: () => UV_FS_COPYFILE_FICLONE,
    UV_FS_COPYFILE_FICLONE_FORCE: () => UV_FS_COPYFILE_FICLONE_FORCE,
    UV_FS_O_FILEMAP: () => UV_FS_O_FILEMAP,
    UV_FS_SYMLINK_DIR: () => UV_FS_SYMLINK_DIR,
    UV_FS_SYMLINK_JUNCTION: () => UV_FS_SYMLINK_JUNCTION,
    W_OK: () => W_OK,
    X_OK: () => X_OK
  });
  var UV_FS_SYMLINK_DIR = 1;
  var UV_FS_SYMLINK_JUNCTION = 2;
  var O_RDONLY = 0;
  var O_WRONLY = 1;
  var O_RDWR = 2;
  var UV_DIRENT_UNKNOWN = 0;
  var UV_DIRENT_FILE = 1;
  var UV_DIRENT_DIR = 2;
  var UV_DIRENT_LINK = 3;
  var UV_DIRENT_FIFO = 4;
  var UV_DIRENT_SOCKET = 5;
  var UV_DIRENT_CHAR = 6;
  var UV_DIRENT_BLOCK = 7;
  var EXTENSIONLESS_FORMAT_JAVASCRIPT = 0;
  var EXTENSIONLESS_FORMAT_WASM = 1;
  var S_IFMT = 61440;
  var S_IFREG = 32768;
  var S_IFDIR = 16384;
  var S_IFCHR = 8192;
  var S_IFBLK = 24576;
  var S_IFIFO = 4096;
  var S_IFLNK = 40960;
  var S_IFSOCK = 49152;
  var O_CREAT = 64;
  var O_EXCL = 128;
  var UV_FS_O_FILEMAP = 0;
  var O_NOCTTY = 256;
  var O_TRUNC = 512;
  var O_APPEND = 1024;
  var O_DIRECTORY = 65536;
  var O_NOATIME = 262144;
  var O_NOFOLLOW = 131072;
  var O_SYNC = 1052672;
  var O_DSYNC = 4096;
  var O_DIRECT = 16384;
  var O_NONBLOCK = 2048;
  var S_IRWXU = 448;
  var S_IRUSR = 256;
  var S_IWUSR = 128;
  var S_IXUSR = 64;
  var S_IRWXG = 56;
  var S_IRGRP = 32;
  var S_IWGRP = 16;
  var S_IXGRP = 8;
  var S_IRWXO = 7;
  var S_IROTH = 4;
  var S_IWOTH = 2;
  var S_IXOTH = 1;
  var F_OK = 0;
  var R_OK = 4;
  var W_OK = 2;
  var X_OK = 1;
  var UV_FS_COPYFILE_EXCL = 1;
  var COPYFILE_EXCL = 1;
  var UV_FS_COPYFILE_FICLONE = 2;
  var COPYFILE_FICLONE = 2;
  var UV_FS_COPYFILE_FICLONE_FORCE = 4;
  var COPYFILE_FICLONE_FORCE = 4;

  // tests/clients/node_modules/unenv/dist/runtime/node/fs.mjs
  var fs_default = {
    F_OK,
    R_OK,
    W_OK,
    X_OK,
    constants: constants_exports,
    promises: import_promises.default,
    Dir,
    Dirent,
    FileReadStream,
    FileWriteStream,
    ReadStream,
    Stats,
    WriteStream,
    _toUnixTimestamp,
    access: access2,
    accessSync,
    appendFile: appendFile2,
    appendFileSync,
    chmod: chmod2,
    chmodSync,
    chown: chown2,
    chownSync,
    close,
    closeSync,
    copyFile: copyFile2,
    copyFileSync,
    cp: cp2,
    cpSync,
    createReadStream,
    createWriteStream,
    exists,
    existsSync,
    fchmod,
    fchmodSync,
    fchown,
    fchownSync,
    fdatasync,
    fdatasyncSync,
    fstat,
    fstatSync,
    fsync,
    fsyncSync,
    ftruncate,
    ftruncateSync,
    futimes,
    futimesSync,
    glob,
    lchmod: lchmod2,
    globSync,
    lchmodSync,
    lchown: lchown2,
    lchownSync,
    link: link2,
    linkSync,
    lstat: lstat2,
    lstatSync,
    lutimes: lutimes2,
    lutimesSync,
    mkdir: mkdir2,
    mkdirSync,
    mkdtemp: mkdtemp2,
    mkdtempSync,
    open: open2,
    openAsBlob,
    openSync,
    opendir: opendir2,
    opendirSync,
    read,
    readFile: readFile2,
    readFileSync,
    readSync,
    readdir: readdir2,
    readdirSync,
    readlink: readlink2,
    readlinkSync,
    readv,
    readvSync,
    realpath: realpath2,
    realpathSync,
    rename: rename2,
    renameSync,
    rm: rm2,
    rmSync,
    rmdir: rmdir2,
    rmdirSync,
    stat: stat2,
    statSync,
    statfs: statfs2,
    statfsSync,
    symlink: symlink2,
    symlinkSync,
    truncate: truncate2,
    truncateSync,
    unlink: unlink2,
    unlinkSync,
    unwatchFile,
    utimes: utimes2,
    utimesSync,
    watch,
    watchFile,
    write,
    writeFile: writeFile2,
    writeFileSync,
    writeSync,
    writev,
    writevSync
  };
  return __toCommonJS(fs_exports);
})();
return __module;
})()
