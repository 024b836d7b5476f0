// node:fs: every operation at once, and with a callback that is called on the next turn.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypePop, ObjectDefineProperty, ReflectApply, StringPrototypeSlice, StringPrototypeStartsWith, SymbolFor, PromiseResolve } =
    primordials;
  const files = core.loadExtScript("ext:eyot_node/fs_files.js");
  const folders = core.loadExtScript("ext:eyot_node/fs_folders.js");
  const { Dir, Dirent, Stats } = core.loadExtScript("ext:eyot_node/fs_shapes.js");
  const { ReadStream, WriteStream } = core.loadExtScript("ext:eyot_node/fs_streams.js");
  const { constants, timeOf } = core.loadExtScript("ext:eyot_node/fs_arguments.js");
  const { nextTick } = core.loadExtScript("ext:eyot_node/ticks.js");
  const { validateFunction } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { default: promises } = core.loadExtScript("ext:eyot_node/fs_promises.js");

  const sync = { ...files.sync, ...folders.sync };

  /** Arguments of a wrong kind are the caller's mistake and are thrown; what the files say goes to the callback. */
  function called(work, results = (result) => [result]) {
    return (...args) => {
      const callback = typeof args[args.length - 1] === "function" ? ArrayPrototypePop(args) : undefined;
      validateFunction(callback, "cb");
      let values;
      try {
        const result = ReflectApply(work, undefined, args);
        values = [null, ...results(result, args)];
      } catch (error) {
        if (StringPrototypeStartsWith(`${error?.code}`, "ERR_INVALID_ARG") || error?.code === "ERR_OUT_OF_RANGE") throw error;
        values = [error];
      }
      nextTick(() => ReflectApply(callback, undefined, values));
    };
  }

  const WITH_BUFFER = { __proto__: null, readSync: 1, readvSync: 1, writeSync: 1, writevSync: 1 };
  const exported = {};
  for (const name in sync) {
    exported[name] = sync[name];
    const results = WITH_BUFFER[name] === undefined
      ? (result) => result === undefined ? [] : [result]
      : (result, args) => [result, args[1]];
    exported[StringPrototypeSlice(name, 0, -4)] = called(sync[name], results);
  }
  exported.realpath.native = exported.realpath;

  /** `util.promisify` of those whose callbacks get two values. */
  const promised = (name, key, of) =>
    ObjectDefineProperty(exported[name], SymbolFor("nodejs.util.promisify.custom"), {
      __proto__: null,
      value: async (...args) => ({ [key]: sync[`${name}Sync`](...args), [of]: args[1] }),
      configurable: true,
    });
  promised("read", "bytesRead", "buffer");
  promised("write", "bytesWritten", "buffer");
  promised("readv", "bytesRead", "buffers");
  promised("writev", "bytesWritten", "buffers");

  function exists(path, callback) {
    validateFunction(callback, "cb");
    const answer = folders.existsSync(path);
    nextTick(() => callback(answer));
  }
  ObjectDefineProperty(exists, SymbolFor("nodejs.util.promisify.custom"), {
    __proto__: null,
    value: (path) => PromiseResolve(folders.existsSync(path)),
    configurable: true,
  });

  const more = {
    Dir, Dirent, Stats, ReadStream, WriteStream, FileReadStream: ReadStream, FileWriteStream: WriteStream,
    F_OK: constants.F_OK, R_OK: constants.R_OK, W_OK: constants.W_OK, X_OK: constants.X_OK,
    _toUnixTimestamp: (time) => timeOf(time, "time") / 1000,
    constants,
    createReadStream: (path, options) => new ReadStream(path, options),
    createWriteStream: (path, options) => new WriteStream(path, options),
    exists,
    existsSync: folders.existsSync,
    glob: folders.unsupported("glob"),
    globSync: folders.unsupported("globSync"),
    async openAsBlob(path, options = undefined) {
      const { Blob } = core.loadExtScript("ext:deno_web/09_file.js");
      return new Blob([sync.readFileSync(path)], { type: options?.type ?? "" });
    },
    promises,
    unwatchFile() {},
    watch: folders.unsupported("watch"),
    watchFile: folders.unsupported("watchFile"),
  };
  for (const name in more) exported[name] = more[name];
  return { ...exported, default: exported };
})()
