// Modules that are not JavaScript: the value that importing a text, data, JSON or WASM module gives.
(function () {
  const { core, primordials } = __bootstrap;
  const { JSONParse, TypedArrayPrototypeGetBuffer } = primordials;
  const { op_eyot_module_bytes, op_eyot_module_kind } = core.ops;

  function moduleValue(name) {
    const bytes = op_eyot_module_bytes(name);
    switch (op_eyot_module_kind(name)) {
      case "text":
      case "esm":
      case "commonjs":
        return core.decode(bytes);
      case "json":
        return JSONParse(core.decode(bytes));
      case "wasm":
        // Not a primordial: a snapshot is built without WebAssembly, and only the plain path gets here.
        return new WebAssembly.Module(bytes);
      default:
        return TypedArrayPrototypeGetBuffer(bytes);
    }
  }

  return { moduleValue };
})()
