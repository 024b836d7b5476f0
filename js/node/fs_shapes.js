// What node:fs gives away: Stats, Dirent, Dir.
(function () {
  const { core, primordials } = __bootstrap;
  const { BigInt, Date, MathTrunc, Number, ObjectDefineProperty, SymbolAsyncIterator, SymbolAsyncDispose, SymbolDispose } = primordials;
  const { DEVICE, FILE, FOLDER, LINK, failure } = core.loadExtScript("ext:eyot_node/fs_tree.js");

  const NAMES = ["atime", "mtime", "ctime", "birthtime"];

  function fill(stats, node, number) {
    stats.dev = number(0);
    stats.mode = number(node.kind + node.mode);
    stats.nlink = number(node.links);
    stats.uid = number(node.uid);
    stats.gid = number(node.gid);
    stats.rdev = number(0);
    stats.blksize = number(4096);
    stats.ino = number(node.serial);
    stats.size = number(node.kind === LINK ? node.target.length : node.size ?? 0);
    stats.blocks = number(MathTrunc(((node.size ?? 0) + 511) / 512));
    for (let i = 0; i < NAMES.length; i++) stats[`${NAMES[i]}Ms`] = number(MathTrunc(node[NAMES[i]]));
  }

  /** `fs.Stats`: made of a node here; packages make empty ones. */
  function Stats(node = undefined) {
    if (node === undefined) return;
    fill(this, node, (value) => value);
  }
  function BigIntStats(node) {
    fill(this, node, BigInt);
    for (let i = 0; i < NAMES.length; i++) this[`${NAMES[i]}Ns`] = this[`${NAMES[i]}Ms`] * 1000000n;
  }

  const kindOf = (stats) => Number(stats.mode) & 61440;
  for (const shape of [Stats, BigIntStats]) {
    shape.prototype.isFile = function () {
      return kindOf(this) === FILE;
    };
    shape.prototype.isDirectory = function () {
      return kindOf(this) === FOLDER;
    };
    shape.prototype.isSymbolicLink = function () {
      return kindOf(this) === LINK;
    };
    shape.prototype.isCharacterDevice = function () {
      return kindOf(this) === DEVICE;
    };
    for (const never of ["isBlockDevice", "isFIFO", "isSocket"]) shape.prototype[never] = () => false;
    for (const name of NAMES) {
      ObjectDefineProperty(shape.prototype, name, {
        __proto__: null,
        get() {
          return new Date(Number(this[`${name}Ms`]));
        },
        set(value) {
          ObjectDefineProperty(this, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
        },
        enumerable: true,
        configurable: true,
      });
    }
  }

  class Dirent {
    #kind;

    constructor(name, parentPath, kind) {
      this.name = name;
      this.parentPath = parentPath;
      this.path = parentPath;
      this.#kind = kind;
    }

    isFile() {
      return this.#kind === FILE;
    }

    isDirectory() {
      return this.#kind === FOLDER;
    }

    isSymbolicLink() {
      return this.#kind === LINK;
    }

    isCharacterDevice() {
      return this.#kind === DEVICE;
    }

    isBlockDevice() {
      return false;
    }

    isFIFO() {
      return false;
    }

    isSocket() {
      return false;
    }
  }

  class Dir {
    #entries;
    #at = 0;
    #closed = false;

    constructor(path, entries) {
      this.path = path;
      this.#entries = entries;
    }

    readSync() {
      if (this.#closed) throw failure("EBADF", "readdir", this.path);
      return this.#entries[this.#at++] ?? null;
    }

    closeSync() {
      if (this.#closed) throw failure("EBADF", "closedir", this.path);
      this.#closed = true;
    }

    read(callback = undefined) {
      return this.#answer(() => this.readSync(), callback);
    }

    close(callback = undefined) {
      return this.#answer(() => this.closeSync(), callback);
    }

    async #answer(work, callback) {
      if (callback === undefined) return work();
      let result;
      try {
        result = work();
      } catch (error) {
        callback(error);
        return undefined;
      }
      callback(null, result);
      return undefined;
    }

    async *entries() {
      try {
        for (let entry = this.readSync(); entry !== null; entry = this.readSync()) yield entry;
      } finally {
        this.closeSync();
      }
    }

    [SymbolAsyncIterator]() {
      return this.entries();
    }

    [SymbolDispose]() {
      if (!this.#closed) this.closeSync();
    }

    async [SymbolAsyncDispose]() {
      if (!this.#closed) this.closeSync();
    }
  }

  const statsOf = (node, options) => options?.bigint ? new BigIntStats(node) : new Stats(node);

  return { BigIntStats, Dir, Dirent, Stats, statsOf };
})()
