// node:os: a machine that says nothing about the real one.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectFreeze, ObjectDefineProperty, SymbolToPrimitive } = primordials;
  const { os: constants } = core.loadExtScript("ext:eyot_node/deno/internal_binding/constants.js");

  const said = (value) => {
    const tell = () => value;
    ObjectDefineProperty(tell, SymbolToPrimitive, { __proto__: null, value: tell, configurable: true });
    return tell;
  };

  const exported = {
    EOL: "\n",
    arch: said("x64"),
    availableParallelism: () => 1,
    constants,
    cpus: () => [],
    devNull: "/dev/null",
    endianness: said("LE"),
    freemem: () => 134217728,
    getPriority: () => 0,
    homedir: said("/tmp"),
    hostname: said("localhost"),
    loadavg: () => [0, 0, 0],
    machine: said("x86_64"),
    networkInterfaces: () => ({}),
    platform: said("linux"),
    release: said(""),
    setPriority() {},
    tmpdir: said("/tmp"),
    totalmem: () => 134217728,
    type: said("Linux"),
    uptime: () => 0,
    userInfo: () => ({ uid: -1, gid: -1, username: "", homedir: "/tmp", shell: "" }),
    version: said(""),
  };
  return ObjectFreeze({ ...exported, default: exported });
})()
