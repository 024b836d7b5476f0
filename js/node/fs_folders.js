// node:fs on names: folders, links, and what moves, copies and removes.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypePush, Error, StringPrototypeLastIndexOf, StringPrototypeSlice, StringPrototypeStartsWith } = primordials;
  const tree = core.loadExtScript("ext:eyot_node/fs_tree.js");
  const { DEVICE, FILE, FOLDER, LINK, child, existing, failure, find, namesIn, newFile, newFolder, newLink, readAt, resize } = tree;
  const { Dir, Dirent } = core.loadExtScript("ext:eyot_node/fs_shapes.js");
  const { constants, modeOf, named, optionsOf, pathOf } = core.loadExtScript("ext:eyot_node/fs_arguments.js");
  const { ERR_FS_EISDIR, ERR_INVALID_ARG_TYPE } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const random = () => core.loadExtScript("ext:eyot/crypto.js").crypto;

  function existsSync(path) {
    try {
      return find(pathOf(path), "access").node !== undefined;
    } catch {
      return false;
    }
  }

  function accessSync(path, mode = constants.F_OK) {
    const text = pathOf(path);
    const { node } = existing(text, "access");
    const isWritable = node.writable || node.kind === DEVICE;
    if ((mode & constants.W_OK) !== 0 && !isWritable) throw failure("EPERM", "access", text);
  }

  /** The place of something new, whose folder takes it. */
  function vacant(path, syscall, paths = [path]) {
    const place = find(path, syscall, false, paths);
    if (place.node !== undefined) throw failure("EEXIST", syscall, paths[0], paths[1]);
    if (!place.folder.writable) throw failure("EPERM", syscall, paths[0], paths[1]);
    return place;
  }

  function mkdirSync(path, options = undefined) {
    const { recursive = false, mode } = typeof options === "object" && options !== null ? options : { mode: options };
    const text = pathOf(path);
    if (typeof recursive !== "boolean") throw new ERR_INVALID_ARG_TYPE("options.recursive", "boolean", recursive);
    const wanted = modeOf(mode, 0o777);
    if (!recursive) {
      const { folder, name } = vacant(text, "mkdir");
      folder.entries.set(name, newFolder(true, wanted));
      return undefined;
    }
    let first;
    const whole = StringPrototypeStartsWith(text, "/") ? text : `/bundle/${text}`;
    for (let end = 1; end <= whole.length; end++) {
      if (end !== whole.length && whole[end] !== "/") continue;
      const place = find(StringPrototypeSlice(whole, 0, end), "mkdir", true, [text]);
      if (place.node === undefined) {
        if (!place.folder.writable) throw failure("EPERM", "mkdir", text);
        place.folder.entries.set(place.name, newFolder(true, wanted));
        first ??= place.real;
      } else if (place.node.kind !== FOLDER) {
        throw failure(end === whole.length ? "EEXIST" : "ENOTDIR", "mkdir", text);
      }
    }
    return first;
  }

  function mkdtempSync(prefix, options = undefined) {
    const text = pathOf(prefix, "prefix");
    const { encoding } = optionsOf(options);
    const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const picked = random().getRandomValues(new primordials.Uint8Array(6));
    let path = text;
    for (let i = 0; i < picked.length; i++) path += letters[picked[i] % letters.length];
    const { folder, name } = vacant(path, "mkdtemp");
    folder.entries.set(name, newFolder(true, 0o700));
    return named(path, encoding);
  }

  function folderAt(path, syscall) {
    const { node } = existing(path, syscall);
    if (node.kind !== FOLDER) throw failure("ENOTDIR", syscall, path);
    return node;
  }

  function readdirSync(path, options = undefined) {
    const { encoding, withFileTypes = false, recursive = false } = optionsOf(options);
    const text = pathOf(path);
    const found = [];
    const pending = [[folderAt(text, "scandir"), ""]];
    for (let at = 0; at < pending.length; at++) {
      const [folder, before] = pending[at];
      const names = namesIn(folder);
      for (let i = 0; i < names.length; i++) {
        const node = child(folder, names[i]);
        const below = `${before}${names[i]}`;
        const parent = before === "" ? text : `${text}/${StringPrototypeSlice(before, 0, -1)}`;
        ArrayPrototypePush(found, withFileTypes ? new Dirent(named(names[i], encoding), parent, node.kind) : named(below, encoding));
        if (recursive && node.kind === FOLDER) ArrayPrototypePush(pending, [node, `${below}/`]);
      }
    }
    return found;
  }

  function opendirSync(path, options = undefined) {
    const { encoding, recursive } = optionsOf(options);
    return new Dir(pathOf(path), readdirSync(path, { encoding, recursive, withFileTypes: true }));
  }

  /** Takes a name away; the folder must be one that is written to. */
  function forget({ folder, name, node }, syscall, paths) {
    if (!folder.writable) throw failure("EPERM", syscall, paths[0], paths[1]);
    folder.entries.delete(name);
    node.links--;
  }

  function unlinkSync(path) {
    const text = pathOf(path);
    const place = existing(text, "unlink", false);
    if (place.node.kind === FOLDER) throw failure("EPERM", "unlink", text);
    forget(place, "unlink", [text]);
  }

  function rmdirSync(path, options = undefined) {
    const text = pathOf(path);
    if (options?.recursive) {
      rmSync(path, { recursive: true });
      return;
    }
    const place = existing(text, "rmdir", false);
    if (place.node.kind !== FOLDER) throw failure("ENOTDIR", "rmdir", text);
    if (namesIn(place.node).length > 0) throw failure("ENOTEMPTY", "rmdir", text);
    forget(place, "rmdir", [text]);
  }

  function rmSync(path, options = undefined) {
    const { force = false, recursive = false } = { ...options };
    const text = pathOf(path);
    const place = find(text, "rm", false);
    if (place.node === undefined) {
      if (force) return;
      // As Node has it, which looks before it removes.
      throw failure("ENOENT", "lstat", text);
    }
    if (place.node.kind === FOLDER && !recursive) throw new ERR_FS_EISDIR({ code: "EISDIR", message: "is a directory", path: text, syscall: "rm", errno: 21 });
    forget(place, "rm", [text]);
  }

  function renameSync(from, to) {
    const paths = [pathOf(from, "oldPath"), pathOf(to, "newPath")];
    const old = existing(paths[0], "rename", false, paths);
    const place = find(paths[1], "rename", false, paths);
    const fail = (code) => failure(code, "rename", paths[0], paths[1]);
    if (!place.folder.writable || !old.folder.writable) throw fail("EPERM");
    if (place.node === old.node) return;
    if (StringPrototypeStartsWith(`${place.real}/`, `${old.real}/`)) throw fail("EINVAL");
    if (place.node !== undefined) {
      if (place.node.kind === FOLDER && old.node.kind !== FOLDER) throw fail("EISDIR");
      if (place.node.kind !== FOLDER && old.node.kind === FOLDER) throw fail("ENOTDIR");
      if (place.node.kind === FOLDER && namesIn(place.node).length > 0) throw fail("ENOTEMPTY");
    }
    old.folder.entries.delete(old.name);
    place.folder.entries.set(place.name, old.node);
  }

  function copyFileSync(from, to, mode = 0) {
    const paths = [pathOf(from, "src"), pathOf(to, "dest")];
    const { node: source } = existing(paths[0], "copyfile", true, paths);
    const place = find(paths[1], "copyfile", true, paths);
    const fail = (code) => failure(code, "copyfile", paths[0], paths[1]);
    if (source.kind === FOLDER || place.node?.kind === FOLDER) throw fail("EISDIR");
    if (place.node !== undefined && (mode & constants.COPYFILE_EXCL) !== 0) throw fail("EEXIST");
    if (!(place.node ?? place.folder).writable) throw fail("EPERM");
    if (place.node === source) return;
    const target = place.node ?? newFile(source.mode & 0o777 | 0o200);
    if (target.kind === FILE) {
      resize(target, source.kind === FILE ? source.size : 0, "copyfile");
      readAt(source, target.bytes, 0);
    }
    if (place.node === undefined) place.folder.entries.set(place.name, target);
  }

  function cpSync(from, to, options = undefined) {
    const { dereference = false, errorOnExist = false, filter, force = true, recursive = false } = { ...options };
    const [source, target] = [pathOf(from, "src"), pathOf(to, "dest")];
    if (filter !== undefined && !filter(source, target)) return;
    const { node } = existing(source, "cp", dereference);
    const there = find(target, "cp", false);
    if (node.kind === FOLDER) {
      if (!recursive) throw new ERR_FS_EISDIR({ code: "EISDIR", message: `${source} is a directory (not copied)`, path: source, syscall: "cp", errno: 21 });
      if (StringPrototypeStartsWith(`${there.real}/`, `${existing(source, "cp").real}/`)) throw failure("EINVAL", "cp", source, target);
      if (there.node === undefined) mkdirSync(target, { recursive: true });
      else if (there.node.kind !== FOLDER) throw failure("ENOTDIR", "cp", source, target);
      const names = namesIn(node);
      for (let i = 0; i < names.length; i++) cpSync(`${source}/${names[i]}`, `${target}/${names[i]}`, options);
      return;
    }
    if (there.node !== undefined) {
      if (!force && errorOnExist) throw failure("EEXIST", "cp", source, target);
      if (!force) return;
    } else {
      const slash = StringPrototypeLastIndexOf(target, "/");
      if (slash > 0) mkdirSync(StringPrototypeSlice(target, 0, slash), { recursive: true });
    }
    if (node.kind !== LINK) copyFileSync(source, target);
    else if (there.node === undefined) symlinkSync(node.target, target);
  }

  function symlinkSync(target, path) {
    const paths = [pathOf(target, "target"), pathOf(path)];
    const { folder, name } = vacant(paths[1], "symlink", paths);
    folder.entries.set(name, newLink(paths[0]));
  }

  function linkSync(from, to) {
    const paths = [pathOf(from, "existingPath"), pathOf(to, "newPath")];
    const { node } = existing(paths[0], "link", false, paths);
    const { folder, name } = vacant(paths[1], "link", paths);
    if (node.kind === FOLDER || !node.writable && node.kind === FILE) throw failure("EPERM", "link", paths[0], paths[1]);
    node.links++;
    folder.entries.set(name, node);
  }

  function readlinkSync(path, options = undefined) {
    const text = pathOf(path);
    const { encoding } = optionsOf(options);
    const { node } = existing(text, "readlink", false);
    if (node.kind !== LINK) throw failure("EINVAL", "readlink", text);
    return named(node.target, encoding);
  }

  function realpathSync(path, options = undefined) {
    const { encoding } = optionsOf(options);
    return named(existing(pathOf(path), "realpath").real, encoding);
  }
  realpathSync.native = (path, options) => realpathSync(path, options);

  function statfsSync(path, options = undefined) {
    existing(pathOf(path), "statfs");
    const zero = options?.bigint ? 0n : 0;
    return { type: zero, bsize: zero, blocks: zero, bfree: zero, bavail: zero, files: zero, ffree: zero };
  }

  const unsupported = (name) => () => {
    const error = new Error(`fs.${name}() is not supported: there is nothing here that would change by itself.`);
    error.code = "ERR_UNSUPPORTED_OPERATION";
    throw error;
  };

  return {
    unsupported,
    sync: {
      __proto__: null,
      accessSync, copyFileSync, cpSync, linkSync, mkdirSync, mkdtempSync, opendirSync, readdirSync, readlinkSync,
      realpathSync, renameSync, rmSync, rmdirSync, statfsSync, symlinkSync, unlinkSync,
    },
    existsSync,
  };
})()
