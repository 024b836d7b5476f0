// Modules that are not JavaScript: the value that importing a text, data, JSON or WASM module gives.
(function () {
  const { core, primordials } = __bootstrap;
  const { JSONParse, TypedArrayPrototypeGetBuffer } = primordials;
  const { op_eyot_module_bytes, op_eyot_module_kind, op_eyot_module_wasm } = core.ops;

  function moduleValue(name) {
    switch (op_eyot_module_kind(name)) {
      case "text":
      case "esm":
      case "commonjs":
        return core.decode(op_eyot_module_bytes(name));
      case "json":
        return JSONParse(core.decode(op_eyot_module_bytes(name)));
      case "wasm":
        return op_eyot_module_wasm(name);
      default:
        return TypedArrayPrototypeGetBuffer(op_eyot_module_bytes(name));
    }
  }

  return { moduleValue };
})()
