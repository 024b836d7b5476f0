// Node's modules by name, for code that asks for them at run time.
(function () {
  const { core } = __bootstrap;
  const { op_eyot_node_script } = core.ops;

  /** The exports of the module of this full name, or undefined when there is none. */
  function load(name) {
    const script = op_eyot_node_script(name);
    return script === null ? undefined : core.loadExtScript(script);
  }

  /** The same as `require()` gives it: the default export. */
  function required(name) {
    const loaded = load(name);
    return loaded?.default ?? loaded;
  }

  return { load, required };
})()
