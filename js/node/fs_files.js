// node:fs on open files and whole files: every operation as its `...Sync` form.
(function () {
  const { core, primordials } = __bootstrap;
  const { MathMin, NumberIsInteger, Uint8Array, TypedArrayPrototypeSubarray } = primordials;
  const { op_eyot_log } = core.ops;
  const tree = core.loadExtScript("ext:eyot_node/fs_tree.js");
  const { DEVICE, FILE, FOLDER, existing, failure, find, newFile, own, readAt, resize, writeAt } = tree;
  const { statsOf } = core.loadExtScript("ext:eyot_node/fs_shapes.js");
  const given = core.loadExtScript("ext:eyot_node/fs_arguments.js");
  const { bytesOf, constants, descriptorOf, encoded, flagsOf, lengthOf, modeOf, optionsOf, pathOf, positionOf, timeOf, viewOf } = given;
  const { O_ACCMODE = 3, O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_TRUNC, O_WRONLY } = constants;
  const { ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { currentId } = core.loadExtScript("ext:eyot/dispatch.js");

  const isDescriptor = (path) => NumberIsInteger(path) && path >= 0;

  function openSync(path, flags = undefined, mode = undefined) {
    const text = pathOf(path);
    return opened(text, flagsOf(flags), modeOf(mode, 0o666));
  }

  function opened(path, flags, mode, syscall = "open") {
    const access = flags & O_ACCMODE;
    const place = find(path, syscall, (flags & O_NOFOLLOW) === 0 && (flags & O_EXCL) === 0);
    let file = place.node;
    if (file === undefined) {
      if ((flags & O_CREAT) === 0) throw failure("ENOENT", syscall, path);
      if (!place.folder.writable) throw failure("EPERM", syscall, path);
      file = newFile(mode);
      place.folder.entries.set(place.name, file);
    } else if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) {
      throw failure("EEXIST", syscall, path);
    } else if (file.kind === FOLDER) {
      if (access !== O_RDONLY || (flags & O_CREAT) !== 0) throw failure("EISDIR", syscall, path);
    } else if (file.kind !== FILE && file.kind !== DEVICE) {
      throw failure("ELOOP", syscall, path);
    } else if ((flags & O_DIRECTORY) !== 0) {
      throw failure("ENOTDIR", syscall, path);
    } else if (access !== O_RDONLY && !file.writable) {
      throw failure("EPERM", syscall, path);
    }
    const mine = own();
    if (mine.open.size >= OPEN_MAX) throw failure("EMFILE", syscall, path);
    if ((flags & O_TRUNC) !== 0 && file.kind === FILE && access !== O_RDONLY) resize(file, 0, syscall);
    const fd = mine.next++;
    mine.open.set(fd, {
      __proto__: null, file, at: 0, reads: access !== O_WRONLY, writes: access !== O_RDONLY, appends: (flags & O_APPEND) !== 0,
    });
    return fd;
  }

  function handle(fd, syscall) {
    const found = own().open.get(descriptorOf(fd));
    if (found === undefined) throw failure("EBADF", syscall);
    return found;
  }

  function closeSync(fd) {
    if (!own().open.delete(descriptorOf(fd)) && fd > 2) throw failure("EBADF", "close");
  }

  /** `(fd, buffer, offset, length, position)` or `(fd, buffer, { offset, length, position })`: the part of the buffer, the place. */
  function part(buffer, rest, name = "buffer") {
    const view = viewOf(buffer, name);
    const [first] = rest;
    const { offset = 0, length = view.length - offset, position = null } = typeof first === "object" && first !== null
      ? first
      : { offset: first ?? 0, length: rest[1] ?? view.length - (first ?? 0), position: rest[2] };
    if (!(offset >= 0 && offset <= view.length)) throw new ERR_OUT_OF_RANGE("offset", `>= 0 && <= ${view.length}`, offset);
    if (!(length >= 0 && length <= view.length - offset)) {
      throw new ERR_OUT_OF_RANGE("length", `>= 0 && <= ${view.length - offset}`, length);
    }
    return [TypedArrayPrototypeSubarray(view, offset, offset + length), positionOf(position)];
  }

  function readSync(fd, buffer, ...rest) {
    const [view, position] = part(buffer, rest);
    return readFrom(handle(fd, "read"), view, position);
  }

  function readFrom(open, view, position) {
    if (!open.reads) throw failure("EBADF", "read");
    if (open.file.kind === FOLDER) throw failure("EISDIR", "read");
    const count = readAt(open.file, view, position ?? open.at);
    if (position === null) open.at += count;
    return count;
  }

  function writeSync(fd, buffer, ...rest) {
    let view;
    let position;
    if (typeof buffer === "string") {
      view = bytesOf(buffer, rest[1]);
      position = positionOf(rest[0]);
    } else {
      [view, position] = part(buffer, rest);
    }
    // What is written to the standard streams is logged, as Workers does it.
    if (fd === 1 || fd === 2) {
      op_eyot_log(currentId(), fd === 2 ? 3 : 1, encoded(view, "utf8"));
      return view.length;
    }
    return writeTo(handle(fd, "write"), view, position);
  }

  function writeTo(open, view, position) {
    if (!open.writes) throw failure("EBADF", "write");
    const at = open.appends ? open.file.size : position ?? open.at;
    const count = writeAt(open.file, view, at, "write");
    if (position === null || open.appends) open.at = at + count;
    return count;
  }

  /** Moves each buffer's bytes by `step` until one is not moved as a whole, which no write leaves. */
  function moveEach(open, buffers, position, step) {
    let at = positionOf(position);
    let sum = 0;
    for (let i = 0; i < buffers.length; i++) {
      const view = viewOf(buffers[i], "buffers");
      const count = step(open, view, at);
      sum += count;
      if (at !== null) at += count;
      if (count < view.length) break;
    }
    return sum;
  }

  function readvSync(fd, buffers, position = null) {
    return moveEach(handle(fd, "read"), buffers, position, readFrom);
  }

  function writevSync(fd, buffers, position = null) {
    return moveEach(handle(fd, "write"), buffers, position, writeTo);
  }

  function readFileSync(path, options = undefined) {
    const { encoding, flag } = optionsOf(options);
    if (isDescriptor(path)) return encoded(rest(handle(path, "read")), encoding);
    const fd = opened(pathOf(path), flagsOf(flag, "flag"), 0o666);
    try {
      return encoded(rest(handle(fd, "read")), encoding);
    } finally {
      closeSync(fd);
    }
  }

  /** All from where the last read ended. */
  function rest(open) {
    if (open.file.kind === FOLDER) throw failure("EISDIR", "read");
    // A device that never ends cannot be read whole.
    if (open.file.kind === DEVICE && open.file.device !== "null") throw failure("EFBIG", "read");
    const bytes = new Uint8Array(open.file.kind === DEVICE ? 0 : open.file.size - MathMin(open.at, open.file.size));
    readFrom(open, bytes, null);
    return bytes;
  }

  function writeFileSync(path, data, options = undefined) {
    writeWhole(path, data, optionsOf(options, { flag: "w" }));
  }

  function appendFileSync(path, data, options = undefined) {
    writeWhole(path, data, optionsOf(options, { flag: "a" }));
  }

  function writeWhole(path, data, { encoding, flag, mode }) {
    const bytes = bytesOf(data, encoding);
    if (isDescriptor(path)) {
      writeSync(path, bytes);
      return;
    }
    const fd = opened(pathOf(path), flagsOf(flag, "flag"), modeOf(mode, 0o666));
    try {
      writeTo(handle(fd, "write"), bytes, null);
    } finally {
      closeSync(fd);
    }
  }

  function truncateSync(path, length = undefined) {
    if (isDescriptor(path)) return ftruncateSync(path, length);
    const text = pathOf(path);
    const { node } = existing(text, "open");
    if (node.kind === FOLDER) throw failure("EISDIR", "open", text);
    if (!node.writable) throw failure("EPERM", "open", text);
    if (node.kind === FILE) resize(node, lengthOf(length), "ftruncate");
    return undefined;
  }

  function ftruncateSync(fd, length = undefined) {
    const open = handle(fd, "ftruncate");
    if (!open.writes || open.file.kind !== FILE) throw failure("EINVAL", "ftruncate");
    resize(open.file, lengthOf(length), "ftruncate");
  }

  const fstatSync = (fd, options = undefined) => statsOf(handle(fd, "fstat").file, options);

  function statSync(path, options = undefined) {
    return stated(path, options, "stat", true);
  }

  function lstatSync(path, options = undefined) {
    return stated(path, options, "lstat", false);
  }

  function stated(path, options, syscall, follow) {
    const text = pathOf(path);
    if (options?.throwIfNoEntry !== false) return statsOf(existing(text, syscall, follow).node, options);
    let found;
    try {
      found = find(text, syscall, follow).node;
    } catch (error) {
      if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    }
    return found === undefined ? undefined : statsOf(found, options);
  }

  /** What is at a path, changed: permissions, owners, times. What cannot be written keeps its own. */
  function changing(syscall, follow, change) {
    return (path, ...values) => {
      const text = pathOf(path);
      const set = change(values);
      const { node } = existing(text, syscall, follow);
      if (!node.writable) throw failure("EPERM", syscall, text);
      set(node);
    };
  }
  function changingOpen(syscall, change) {
    return (fd, ...values) => {
      const set = change(values);
      set(handle(fd, syscall).file);
    };
  }
  const mode = ([value]) => {
    const parsed = modeOf(value, undefined);
    if (parsed === undefined) throw new ERR_INVALID_ARG_VALUE("mode", value);
    return (node) => {
      node.mode = parsed;
    };
  };
  const owner = ([uid, gid]) => {
    descriptorOf(uid, "uid");
    descriptorOf(gid, "gid");
    return (node) => {
      node.uid = uid;
      node.gid = gid;
    };
  };
  const times = ([access, modified]) => {
    const [atime, mtime] = [timeOf(access, "atime"), timeOf(modified, "mtime")];
    return (node) => {
      node.atime = atime;
      node.mtime = mtime;
    };
  };

  const OPEN_MAX = 4096;

  return {
    handle, opened, readFrom, rest, writeTo,
    sync: {
      __proto__: null,
      appendFileSync, closeSync, fstatSync, ftruncateSync, lstatSync, openSync, readFileSync, readSync, readvSync, statSync,
      truncateSync, writeFileSync, writeSync, writevSync,
      chmodSync: changing("chmod", true, mode),
      chownSync: changing("chown", true, owner),
      fchmodSync: changingOpen("fchmod", mode),
      fchownSync: changingOpen("fchown", owner),
      fdatasyncSync: (fd) => void handle(fd, "fdatasync"),
      fsyncSync: (fd) => void handle(fd, "fsync"),
      futimesSync: changingOpen("futime", times),
      lchmodSync: changing("lchmod", false, mode),
      lchownSync: changing("lchown", false, owner),
      lutimesSync: changing("lutime", false, times),
      utimesSync: changing("utime", true, times),
    },
  };
})()
