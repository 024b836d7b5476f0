// node:fs/promises: the same operations as promises.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayBufferIsView, SymbolAsyncIterator, SymbolIterator } = primordials;
  const files = core.loadExtScript("ext:eyot_node/fs_files.js");
  const folders = core.loadExtScript("ext:eyot_node/fs_folders.js");
  const { FileHandle } = core.loadExtScript("ext:eyot_node/fs_streams.js");
  const { bytesOf, constants } = core.loadExtScript("ext:eyot_node/fs_arguments.js");
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");

  const sync = { ...files.sync, ...folders.sync };
  const exported = { FileHandle, constants };
  for (const name of [
    "access", "appendFile", "chmod", "chown", "copyFile", "cp", "lchmod", "lchown", "link", "lstat", "lutimes", "mkdir", "mkdtemp",
    "opendir", "readFile", "readdir", "readlink", "realpath", "rename", "rm", "rmdir", "stat", "statfs", "symlink", "truncate",
    "unlink", "utimes", "writeFile",
  ]) {
    const work = sync[`${name}Sync`];
    exported[name] = async (...args) => work(...args);
  }

  const descriptor = (file) => file instanceof FileHandle ? file.fd : file;
  for (const name of ["appendFile", "readFile"]) {
    const work = sync[`${name}Sync`];
    exported[name] = async (file, ...args) => work(descriptor(file), ...args);
  }

  /** Data may come in pieces here. */
  exported.writeFile = async (file, data, options = undefined) => {
    const iterator = typeof data === "string" ? undefined : data?.[SymbolAsyncIterator] ?? data?.[SymbolIterator];
    if (iterator === undefined || ArrayBufferIsView(data)) {
      sync.writeFileSync(descriptor(file), data, options);
      return;
    }
    const pieces = [];
    for await (const piece of data) pieces.push(bytesOf(piece, options?.encoding ?? options));
    sync.writeFileSync(descriptor(file), Buffer.concat(pieces), options);
  };
  exported.open = async (path, flags = "r", mode = undefined) => new FileHandle(sync.openSync(path, flags, mode));
  exported.glob = folders.unsupported("promises.glob");
  exported.watch = folders.unsupported("promises.watch");
  return { ...exported, default: exported };
})()
