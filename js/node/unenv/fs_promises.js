// unenv 2.0.0-rc.24, runtime/node/fs/promises.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
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

  // tests/clients/node_modules/unenv/dist/runtime/node/fs/promises.mjs
  var promises_exports = {};
  __export(promises_exports, {
    access: () => access,
    appendFile: () => appendFile,
    chmod: () => chmod,
    chown: () => chown,
    constants: () => constants_exports,
    copyFile: () => copyFile,
    cp: () => cp,
    default: () => promises_default,
    glob: () => glob,
    lchmod: () => lchmod,
    lchown: () => lchown,
    link: () => link,
    lstat: () => lstat,
    lutimes: () => lutimes,
    mkdir: () => mkdir,
    mkdtemp: () => mkdtemp,
    open: () => open,
    opendir: () => opendir,
    readFile: () => readFile,
    readdir: () => readdir,
    readlink: () => readlink,
    realpath: () => realpath,
    rename: () => rename,
    rm: () => rm,
    rmdir: () => rmdir,
    stat: () => stat,
    statfs: () => statfs,
    symlink: () => symlink,
    truncate: () => truncate,
    unlink: () => unlink,
    utimes: () => utimes,
    watch: () => watch,
    writeFile: () => writeFile
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
  var watch = /* @__PURE__ */ notImplemented("fs.watch");
  var statfs = /* @__PURE__ */ notImplemented("fs.statfs");
  var glob = /* @__PURE__ */ notImplemented("fs.glob");

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

  // tests/clients/node_modules/unenv/dist/runtime/node/fs/promises.mjs
  var promises_default = {
    constants: constants_exports,
    access,
    appendFile,
    chmod,
    chown,
    copyFile,
    cp,
    glob,
    lchmod,
    lchown,
    link,
    lstat,
    lutimes,
    mkdir,
    mkdtemp,
    open,
    opendir,
    readFile,
    readdir,
    readlink,
    realpath,
    rename,
    rm,
    rmdir,
    stat,
    statfs,
    symlink,
    truncate,
    unlink,
    utimes,
    watch,
    writeFile
  };
  return __toCommonJS(promises_exports);
})();
return __module;
})()
