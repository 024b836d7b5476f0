// node:process, and the global `process`: what a script without a process of its own can be told.
//
// Its environment is an ordinary object of the script's own, filled from its text bindings before its first request.
// https://developers.cloudflare.com/workers/runtime-apis/nodejs/process/
(function () {
  const { core, primordials } = __bootstrap;
  const {
    BigInt,
    Error,
    MathFloor,
    ObjectDefineProperty,
    ObjectFreeze,
    ObjectSetPrototypeOf,
    Proxy,
    ReflectDefineProperty,
    ReflectGet,
    ReflectHas,
    ReflectOwnKeys,
    ReflectSet,
    Set,
    String,
    SymbolToStringTag,
    TypeError,
  } = primordials;
  const { op_eyot_env_read, op_eyot_log, op_eyot_now } = core.ops;
  const { currentId, environment, isConfigured } = core.loadExtScript("ext:eyot/dispatch.js");
  const { EventEmitter } = core.loadExtScript("ext:eyot_node/deno/_events.js");
  const { nextTick } = core.loadExtScript("ext:eyot_node/ticks.js");

  const values = environment.fills ? environment.texts : {};

  /** Something was read: at a top level that goes into a snapshot, it was read before there are bindings. */
  function noteRead() {
    if (environment.fills && !isConfigured()) op_eyot_env_read();
  }

  // Values are strings, as in Node; a value that is none becomes one.
  const env = new Proxy(values, {
    __proto__: null,
    get(target, name, receiver) {
      noteRead();
      return ReflectGet(target, name, receiver);
    },
    has(target, name) {
      noteRead();
      return ReflectHas(target, name);
    },
    ownKeys(target) {
      noteRead();
      return ReflectOwnKeys(target);
    },
    set(target, name, value, receiver) {
      if (typeof name === "symbol" || typeof value === "symbol") {
        throw new TypeError("Cannot convert a Symbol value to a string");
      }
      return ReflectSet(target, name, String(value), receiver === env ? target : receiver);
    },
    defineProperty(target, name, descriptor) {
      if ("value" in descriptor) descriptor.value = String(descriptor.value);
      return ReflectDefineProperty(target, name, descriptor);
    },
  });

  class Process extends EventEmitter {}
  const process = new Process();
  ObjectSetPrototypeOf(Process.prototype, EventEmitter.prototype);

  function hrtime(previous = undefined) {
    const now = op_eyot_now();
    let seconds = MathFloor(now / 1000);
    let nanoseconds = (now % 1000) * 1e6;
    if (previous !== undefined) {
      seconds -= previous[0];
      nanoseconds -= previous[1];
      if (nanoseconds < 0) {
        seconds--;
        nanoseconds += 1e9;
      }
    }
    return [seconds, nanoseconds];
  }
  hrtime.bigint = () => BigInt(op_eyot_now()) * 1000000n;

  function emitWarning(warning, type = "Warning", code = undefined) {
    if (typeof type === "object" && type !== null) ({ type = "Warning", code } = type);
    const error = typeof warning === "object" && warning !== null ? warning : new Error(String(warning));
    if (error !== warning) error.name = String(type ?? "Warning");
    if (code !== undefined) error.code = code;
    nextTick(() => {
      if (!process.emit("warning", error)) op_eyot_log(currentId(), 3, `${error.name}: ${error.message}`);
    });
  }

  function writer(level) {
    let stream;
    return () => {
      if (stream !== undefined) return stream;
      const { default: Writable } = core.loadExtScript("ext:eyot_node/deno/internal/streams/writable.js");
      stream = new Writable({
        decodeStrings: false,
        write(chunk, _encoding, done) {
          const text = String(chunk);
          op_eyot_log(currentId(), level, text[text.length - 1] === "\n" ? text.slice(0, -1) : text);
          done();
        },
      });
      stream.isTTY = false;
      stream.columns = 80;
      stream.fd = level === 3 ? 2 : 1;
      return stream;
    };
  }

  function unsupported(name) {
    const error = new Error(`process.${name}() is not supported: a script has no process of its own.`);
    error.code = "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM";
    throw error;
  }

  const version = "v22.19.0";
  // From when it is first asked: the top level has no clock, and its snapshot serves for days.
  let began = 0;
  function uptime() {
    const now = op_eyot_now();
    if (began === 0) began = now;
    return (now - began) / 1000;
  }

  const fixed = {
    abort: () => unsupported("abort"),
    allowedNodeEnvironmentFlags: new Set(),
    assert(value, message = "assertion error") {
      if (!value) throw new Error(message);
    },
    arch: "x64",
    argv: ["workerd"],
    argv0: "workerd",
    availableMemory: () => 134217728,
    binding: () => unsupported("binding"),
    channel: undefined,
    chdir: () => unsupported("chdir"),
    connected: false,
    config: ObjectFreeze({ target_defaults: ObjectFreeze({}), variables: ObjectFreeze({ napi_build_version: "10", node_module_version: 127 }) }),
    constrainedMemory: () => 134217728,
    cpuUsage: () => ({ user: 0, system: 0 }),
    cwd: () => "/bundle",
    debugPort: 0,
    dlopen: () => unsupported("dlopen"),
    domain: null,
    emitWarning,
    env,
    execArgv: [],
    execve: () => unsupported("execve"),
    execPath: "",
    exitCode: undefined,
    features: ObjectFreeze({
      inspector: false, debug: false, uv: false, ipv6: true, tls_alpn: true, tls_sni: true, tls_ocsp: true, tls: true,
      openssl_is_boringssl: true, cached_builtins: true, require_module: true, typescript: false,
    }),
    finalization: { register() {}, registerBeforeExit() {}, unregister() {} },
    getActiveResourcesInfo: () => [],
    getBuiltinModule(name) {
      const { required } = core.loadExtScript("ext:eyot_node/modules.js");
      return required(String(name).startsWith("node:") ? String(name) : `node:${name}`);
    },
    getegid: () => 0,
    geteuid: () => 0,
    getgid: () => 0,
    getgroups: () => [],
    getSourceMapsSupport: () => ({ __proto__: null, enabled: false, nodeModules: false, generatedCode: false }),
    getuid: () => 0,
    hasUncaughtExceptionCaptureCallback: () => false,
    hrtime,
    initgroups: () => unsupported("initgroups"),
    kill: () => unsupported("kill"),
    memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
    moduleLoadList: [],
    nextTick,
    noDeprecation: false,
    permission: { has: () => true },
    pid: 1,
    platform: "linux",
    ppid: 0,
    ref() {},
    release: ObjectFreeze({ name: "node", lts: true }),
    report: {
      compact: false, directory: "", excludeEnv: false, excludeNetwork: false, filename: "", getReport: () => ({}),
      reportOnFatalError: false, reportOnSignal: false, reportOnUncaughtException: false, signal: "SIGUSR2",
      writeReport: () => "",
    },
    resourceUsage: () => ({}),
    send: undefined,
    setegid: () => unsupported("setegid"),
    seteuid: () => unsupported("seteuid"),
    setgid: () => unsupported("setgid"),
    setgroups: () => unsupported("setgroups"),
    setSourceMapsEnabled() {},
    setuid: () => unsupported("setuid"),
    setUncaughtExceptionCaptureCallback() {},
    sourceMapsEnabled: false,
    threadCpuUsage: () => ({ user: 0, system: 0 }),
    throwDeprecation: false,
    title: "eyot",
    traceDeprecation: false,
    umask: () => 18,
    unref() {},
    uptime,
    version,
    versions: ObjectFreeze({ node: version.slice(1), uv: "", zlib: "", brotli: "", ares: "", modules: "", nghttp2: "",
      napi: "", llhttp: "", openssl: "", cldr: "", icu: "", tz: "", unicode: "", v8: "" }),
    _exiting: false,
    _getActiveHandles: () => [],
    _getActiveRequests: () => [],
    _kill: () => unsupported("_kill"),
    _linkedBinding: () => unsupported("_linkedBinding"),
    _preload_modules: [],
    _rawDebug: (...values) => process.stderr.write(`${values.map(String).join(" ")}\n`),
    exit(code = undefined) {
      throw new Error(`process.exit(${code === undefined ? "" : code}) was called, and there is no process to end.`);
    },
    reallyExit: () => unsupported("reallyExit"),
    loadEnvFile: () => unsupported("loadEnvFile"),
    openStdin: () => unsupported("openStdin"),
  };
  for (const name in fixed) process[name] = fixed[name];
  process.memoryUsage.rss = () => 0;

  function lazily(name, make) {
    ObjectDefineProperty(process, name, { __proto__: null, get: make, enumerable: true, configurable: true });
  }
  lazily("stdout", writer(1));
  lazily("stderr", writer(3));
  lazily("stdin", () => {
    const { default: Readable } = core.loadExtScript("ext:eyot_node/deno/internal/streams/readable.js");
    const stdin = Readable.from([]);
    ObjectDefineProperty(process, "stdin", { __proto__: null, value: stdin, writable: true, enumerable: true, configurable: true });
    return stdin;
  });
  ObjectDefineProperty(process, SymbolToStringTag, {
    __proto__: null,
    value: "process",
    writable: false,
    enumerable: false,
    configurable: true,
  });

  const exported = { __proto__: null };
  for (const name in fixed) exported[name] = fixed[name];
  for (const name of ["on", "once", "off", "emit", "addListener", "removeListener", "removeAllListeners", "listeners",
    "listenerCount", "prependListener", "prependOnceListener", "eventNames", "rawListeners", "setMaxListeners",
    "getMaxListeners"]) {
    exported[name] = (...args) => process[name](...args);
  }
  // Made when a module is: the streams themselves ask for this script.
  for (const name of ["stdin", "stdout", "stderr"]) {
    ObjectDefineProperty(exported, name, { __proto__: null, get: () => process[name], enumerable: true, configurable: true });
  }
  exported.default = process;
  return exported;
})()
