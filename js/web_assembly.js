// WebAssembly with its memories and stacks counted: https://webassembly.github.io/spec/js-api/
//
// A memory without a page still takes address space for the most it can grow to, and two of the process's mappings; so does
// the stack of each call that is suspended. Shared memories are refused: a second thread that writes to one is a clock.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ObjectDefineProperties,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectGetOwnPropertyDescriptors,
    ObjectKeys,
    PromisePrototypeThen,
    PromiseReject,
    ReflectApply,
    ReflectConstruct,
    SafeArrayIterator,
    TypeError,
  } = primordials;
  const { op_eyot_kind, op_eyot_map, op_eyot_unmap } = core.ops;
  const { loadExtScript } = core;
  const { hold, noteResizable } = loadExtScript("ext:eyot/mappings.js");
  const { memoriesOf } = loadExtScript("ext:eyot/modules.js");
  const { markNotSerializable } = loadExtScript("ext:eyot/platform_objects.js");

  const SHARED_ARRAY_BUFFER = 7;

  const { hidden } = core.loadExtScript("ext:eyot/hidden.js");

  /** Gives `wrapper` what `native` has: its name, length and prototype, and the way back from the prototype. */
  function stand(wrapper, native) {
    ObjectDefineProperties(wrapper, ObjectGetOwnPropertyDescriptors(native));
    if (native.prototype !== undefined) ObjectDefineProperty(native.prototype, "constructor", hidden(wrapper));
    return wrapper;
  }

  /** Replaces on V8's own namespace object what makes memories and stacks. */
  function count(native) {
    const { Instance: NativeInstance, Memory: NativeMemory, instantiate, promising } = native;
    const bufferOf = ObjectGetOwnPropertyDescriptor(NativeMemory.prototype, "buffer").get;
    const exportsOf = ObjectGetOwnPropertyDescriptor(NativeInstance.prototype, "exports").get;
    const { toResizableBuffer } = NativeMemory.prototype;

    function Memory(_descriptor) {
      "use strict";
      if (new.target === undefined) throw new TypeError("WebAssembly.Memory must be invoked with 'new'");
      const mapping = op_eyot_map(0, 1, "WebAssembly.Memory(): could not allocate memory");
      const memory = ReflectConstruct(NativeMemory, arguments, new.target);
      if (op_eyot_kind(ReflectApply(bufferOf, memory, [])) === SHARED_ARRAY_BUFFER) {
        throw new TypeError("WebAssembly.Memory(): shared memories are not available");
      }
      hold(memory, mapping);
      return memory;
    }

    /** An exported memory can outlive its instance. */
    function holdInstance(instance, mapping) {
      hold(instance, mapping);
      const exported = ReflectApply(exportsOf, instance, []);
      const names = ObjectKeys(exported);
      for (let i = 0; i < names.length; i++) {
        const value = exported[names[i]];
        if (typeof value === "object" && value !== null) hold(value, mapping);
      }
    }

    const mapMemories = (memories, name) =>
      op_eyot_map(0, memories, `WebAssembly.${name}(): Out of memory: Cannot allocate Wasm memory for new instance`);

    function Instance(module, _imports) {
      "use strict";
      if (new.target === undefined) throw new TypeError("WebAssembly.Instance must be invoked with 'new'");
      const memories = memoriesOf(module);
      if (memories === 0) return ReflectConstruct(NativeInstance, arguments, new.target);
      const mapping = mapMemories(memories, "Instance");
      const instance = ReflectConstruct(NativeInstance, arguments, new.target);
      holdInstance(instance, mapping);
      return instance;
    }

    const { instantiate: countedInstantiate } = {
      instantiate(source, _imports) {
        "use strict";
        const memories = memoriesOf(source);
        if (memories === 0) return ReflectApply(instantiate, native, arguments);
        let mapping;
        try {
          mapping = mapMemories(memories, "instantiate");
        } catch (error) {
          return PromiseReject(error);
        }
        return PromisePrototypeThen(ReflectApply(instantiate, native, arguments), (instance) => {
          holdInstance(instance, mapping);
          return instance;
        });
      },
    };

    const { toResizableBuffer: notedToResizableBuffer } = {
      toResizableBuffer() {
        "use strict";
        noteResizable();
        return ReflectApply(toResizableBuffer, this, arguments);
      },
    };

    const { promising: countedPromising } = {
      promising(callee) {
        "use strict";
        const call = ReflectApply(promising, native, [callee]);
        const { counted } = {
          counted(...args) {
            const mapping = op_eyot_map(0, 1, "WebAssembly.promising: could not allocate a stack");
            const suspended = ReflectApply(call, this, args);
            // The stack keeps its promise, whoever else does.
            hold(suspended, mapping);
            return PromisePrototypeThen(suspended, (value) => {
              op_eyot_unmap(mapping);
              return value;
            }, (error) => {
              op_eyot_unmap(mapping);
              throw error;
            });
          },
        };
        return stand(counted, call);
      },
    };

    // V8 tells of modules and memories only that they are not to be cloned.
    for (const name of new SafeArrayIterator(["Exception", "Global", "Instance", "Table", "Tag"])) {
      if (native[name] !== undefined) markNotSerializable(native[name].prototype);
    }
    ObjectDefineProperty(native, "Memory", hidden(stand(Memory, NativeMemory)));
    ObjectDefineProperty(native, "Instance", hidden(stand(Instance, NativeInstance)));
    replace(native, "instantiate", instantiate, countedInstantiate);
    replace(native, "promising", promising, countedPromising);
    replace(NativeMemory.prototype, "toResizableBuffer", toResizableBuffer, notedToResizableBuffer);
    return native;
  }

  /** A function in another's place, as enumerable as that one; not where this V8 has none. */
  function replace(target, name, native, counted) {
    if (native === undefined) return;
    const property = ObjectGetOwnPropertyDescriptor(target, name);
    ObjectDefineProperties(counted, ObjectGetOwnPropertyDescriptors(native));
    ObjectDefineProperty(target, name, { __proto__: null, ...property, value: counted });
  }

  return { count };
})()
