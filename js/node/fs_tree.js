// The files that a script sees: /bundle with the modules of its upload, /tmp of the request's own, /dev. Nothing of the host's.
//
// What a request writes is in its isolate's memory, where the cap counts it, and gone with the request. What the top level
// writes is seen by the top level alone.
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/fs/
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePop, ArrayPrototypePush, ArrayPrototypeSlice, Error, MathMax, MathMin, SafeMap, SafeWeakMap, StringPrototypeSplit,
    StringPrototypeStartsWith, TypedArrayPrototypeSet, TypedArrayPrototypeSubarray, Uint8Array,
  } = primordials;
  const { op_eyot_module_names, op_eyot_module_part, op_eyot_now } = core.ops;
  const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");

  const [FILE, FOLDER, LINK, DEVICE] = [32768, 16384, 40960, 8192];

  const ERRORS = {
    __proto__: null,
    EBADF: [-9, "bad file descriptor"], EEXIST: [-17, "file already exists"], EFBIG: [-27, "file too large"],
    EINVAL: [-22, "invalid argument"], EISDIR: [-21, "illegal operation on a directory"],
    ELOOP: [-40, "too many symbolic links encountered"], EMFILE: [-24, "too many open files"],
    ENAMETOOLONG: [-36, "name too long"], ENOENT: [-2, "no such file or directory"],
    ENOSPC: [-28, "no space left on device"], ENOTDIR: [-20, "not a directory"], ENOTEMPTY: [-39, "directory not empty"],
    EPERM: [-1, "operation not permitted"],
  };

  /** The error that Node makes of a system's. */
  function failure(code, syscall, path = undefined, dest = undefined) {
    let message = `${code}: ${ERRORS[code][1]}, ${syscall}`;
    if (path !== undefined) message += ` '${path}'`;
    if (dest !== undefined) message += ` -> '${dest}'`;
    const error = new Error(message);
    error.errno = ERRORS[code][0];
    error.code = code;
    error.syscall = syscall;
    if (path !== undefined) error.path = path;
    if (dest !== undefined) error.dest = dest;
    return error;
  }

  let serial = 1;

  function node(kind, mode, more) {
    const now = op_eyot_now();
    return { __proto__: null, kind, mode, serial: serial++, links: 1, atime: now, mtime: now, ctime: now, birthtime: now, uid: 0, gid: 0, ...more };
  }

  const newFolder = (writable, mode = 0o777) => node(FOLDER, mode, { entries: new SafeMap(), writable });
  const newFile = (mode = 0o666) => node(FILE, mode, { bytes: new Uint8Array(0), size: 0, writable: true });
  const newLink = (target) => node(LINK, 0o777, { target });

  /** /bundle, made when somebody looks. */
  let bundle;
  function bundled() {
    if (bundle !== undefined) return bundle;
    bundle = newFolder(false, 0o444);
    const modules = op_eyot_module_names();
    for (let i = 0; i < modules.length; i++) {
      const [name, size] = modules[i];
      const parts = StringPrototypeSplit(name, "/");
      let folder = bundle;
      for (let at = 0; at < parts.length; at++) {
        const part = parts[at];
        if (part === "" || part === "." || part === "..") continue;
        if (at === parts.length - 1) {
          folder.entries.set(part, node(FILE, 0o444, { module: name, size, writable: false }));
          continue;
        }
        let below = folder.entries.get(part);
        if (below === undefined || below.kind !== FOLDER) folder.entries.set(part, below = newFolder(false, 0o444));
        folder = below;
      }
    }
    return bundle;
  }

  const devices = newFolder(false, 0o444);
  for (const name of ["null", "zero", "full", "random"]) devices.entries.set(name, node(DEVICE, 0o666, { device: name, writable: true }));
  const root = newFolder(false, 0o444);

  /** What a request has of its own: its /tmp and its open files. */
  const ofRuns = new SafeWeakMap();
  const TOP_LEVEL = {};
  function own() {
    const key = currentRun() ?? TOP_LEVEL;
    let found = ofRuns.get(key);
    if (found === undefined) {
      found = { __proto__: null, tmp: newFolder(true), open: new SafeMap(), next: 10 };
      ofRuns.set(key, found);
    }
    return found;
  }

  function child(folder, name) {
    if (folder !== root) return folder.entries.get(name);
    return name === "tmp" ? own().tmp : name === "bundle" ? bundled() : name === "dev" ? devices : undefined;
  }

  /** The names in a folder, in the order they came. */
  function namesIn(folder) {
    if (folder === root) return ["bundle", "tmp", "dev"];
    const names = [];
    folder.entries.forEach((_, name) => ArrayPrototypePush(names, name));
    return names;
  }

  /**
   * Where a path leads: its folder, its last name, what is there if anything is, and the path without links.
   * `paths` are those that an error names.
   */
  function find(path, syscall, follow = true, paths = [path]) {
    const failed = (code) => failure(code, syscall, paths[0], paths[1]);
    if (path === "") throw failed("ENOENT");
    if (path.length > PATH_MAX) throw failed("ENAMETOOLONG");
    let pending = StringPrototypeSplit(StringPrototypeStartsWith(path, "/") ? path : `/bundle/${path}`, "/");
    let trail = [root];
    let names = [];
    let links = 0;
    for (let at = 0; at < pending.length; at++) {
      const name = pending[at];
      if (name === "" || name === ".") continue;
      if (name === "..") {
        if (trail.length > 1) {
          ArrayPrototypePop(trail);
          ArrayPrototypePop(names);
        }
        continue;
      }
      const folder = trail[trail.length - 1];
      let isLast = true;
      for (let rest = at + 1; rest < pending.length && isLast; rest++) isLast = pending[rest] === "" || pending[rest] === ".";
      const found = child(folder, name);
      if (found === undefined) {
        if (!isLast) throw failed("ENOENT");
        return { __proto__: null, folder, name, node: undefined, real: shown(names, name) };
      }
      if (found.kind === LINK && (follow || !isLast)) {
        if (++links > LINKS_MAX) throw failed("ELOOP");
        if (StringPrototypeStartsWith(found.target, "/")) {
          trail = [root];
          names = [];
        }
        const before = StringPrototypeSplit(found.target, "/");
        const rest = ArrayPrototypeSlice(pending, at + 1);
        for (let i = 0; i < rest.length; i++) ArrayPrototypePush(before, rest[i]);
        pending = before;
        at = -1;
        continue;
      }
      if (found.kind !== FOLDER) {
        if (!isLast) throw failed("ENOTDIR");
        return { __proto__: null, folder, name, node: found, real: shown(names, name) };
      }
      if (isLast) return { __proto__: null, folder, name, node: found, real: shown(names, name) };
      ArrayPrototypePush(trail, found);
      ArrayPrototypePush(names, name);
    }
    return {
      __proto__: null,
      folder: trail[MathMax(trail.length - 2, 0)],
      name: names[names.length - 1] ?? "",
      node: trail[trail.length - 1],
      real: names.length === 0 ? "/" : shown(ArrayPrototypeSlice(names, 0, -1), names[names.length - 1]),
    };
  }

  function shown(names, last) {
    let path = "";
    for (let i = 0; i < names.length; i++) path += `/${names[i]}`;
    return `${path}/${last}`;
  }

  /** What is there, or the error that nothing is. */
  function existing(path, syscall, follow = true, paths = [path]) {
    const found = find(path, syscall, follow, paths);
    if (found.node === undefined) throw failure("ENOENT", syscall, paths[0], paths[1]);
    return found;
  }

  /** Copies what a file has from `position` on into `target`; how many bytes that were. */
  function readAt(file, target, position) {
    if (file.kind === DEVICE) return readDevice(file.device, target);
    const count = MathMin(target.length, MathMax(file.size - position, 0));
    if (count === 0) return 0;
    const into = TypedArrayPrototypeSubarray(target, 0, count);
    if (file.module !== undefined) op_eyot_module_part(file.module, position, into);
    else TypedArrayPrototypeSet(into, TypedArrayPrototypeSubarray(file.bytes, position, position + count));
    return count;
  }

  function readDevice(device, target) {
    if (device === "null") return 0;
    if (device === "random") {
      const { crypto } = core.loadExtScript("ext:eyot/crypto.js");
      for (let at = 0; at < target.length; at += 65536) crypto.getRandomValues(TypedArrayPrototypeSubarray(target, at, at + 65536));
    } else {
      for (let i = 0; i < target.length; i++) target[i] = 0;
    }
    return target.length;
  }

  /** Gives a file a size; new bytes are zero. Room grows by half as much again, so that appending stays cheap. */
  function resize(file, size, syscall) {
    if (size > FILE_BYTES_MAX) throw failure("EFBIG", syscall);
    if (size > file.bytes.length) {
      const bytes = new Uint8Array(MathMin(MathMax(size, file.bytes.length + (file.bytes.length >> 1)), FILE_BYTES_MAX));
      TypedArrayPrototypeSet(bytes, TypedArrayPrototypeSubarray(file.bytes, 0, file.size));
      file.bytes = bytes;
    } else {
      for (let i = size; i < file.size; i++) file.bytes[i] = 0;
    }
    file.size = size;
    file.mtime = file.ctime = op_eyot_now();
  }

  /** Writes bytes at `position`; a device takes them. */
  function writeAt(file, source, position, syscall) {
    if (file.kind === DEVICE) {
      if (file.device === "full" && source.length > 0) throw failure("ENOSPC", syscall);
      return source.length;
    }
    if (position + source.length > file.size) resize(file, position + source.length, syscall);
    // What is read while it is written, a view of the file itself, is copied first by `set`.
    TypedArrayPrototypeSet(file.bytes, source, position);
    file.mtime = file.ctime = op_eyot_now();
    return source.length;
  }

  const PATH_MAX = 4096;
  const LINKS_MAX = 40;
  const FILE_BYTES_MAX = 134217728;

  return {
    DEVICE, FILE, FOLDER, LINK, child, existing, failure, find, namesIn, newFile, newFolder, newLink, own, readAt, resize, root, writeAt,
  };
})()
