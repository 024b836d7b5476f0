// Modules that are not JavaScript: the value that importing a text, data, JSON or WASM module gives.
(function () {
  const { core, primordials } = __bootstrap;
  const { JSONParse, SafeWeakMap, TypedArrayPrototypeGetBuffer } = primordials;
  const { op_eyot_module_bytes, op_eyot_module_kind, op_eyot_module_memories, op_eyot_module_wasm } = core.ops;

  const memories = new SafeWeakMap();

  function moduleValue(name) {
    switch (op_eyot_module_kind(name)) {
      case "text":
      case "esm":
      case "commonjs":
        return core.decode(op_eyot_module_bytes(name));
      case "json":
        return JSONParse(core.decode(op_eyot_module_bytes(name)));
      case "wasm":
        return wasmModule(name);
      default:
        return TypedArrayPrototypeGetBuffer(op_eyot_module_bytes(name));
    }
  }

  function wasmModule(name) {
    const count = op_eyot_module_memories(name);
    const module = op_eyot_module_wasm(name);
    memories.set(module, count);
    return module;
  }

  /** How many memories each instance of this WASM module has of its own; 0 for what is no module. */
  function memoriesOf(module) {
    return memories.get(module) ?? 0;
  }

  return { memoriesOf, moduleValue };
})()
