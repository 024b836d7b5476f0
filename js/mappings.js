// Mappings: memory that V8 maps by itself, past the allocator that counts: resizable ArrayBuffers
// (https://tc39.es/ecma262/#sec-arraybuffer-constructor), WASM memories, the stacks of suspended WASM.
//
// Each takes mappings and address space of the whole process, whatever it holds: the host counts them, for as long as the
// object is there that keeps them. What a buffer may grow to is counted when it is made, so growing needs nothing of us.
// Shrinking does: V8 takes the pages away at once.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBuffer: NativeArrayBuffer,
    ArrayBufferPrototype,
    ArrayBufferPrototypeGetByteLength,
    ArrayBufferPrototypeGetResizable,
    MathTrunc,
    NumberMAX_SAFE_INTEGER,
    ObjectDefineProperties,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    RangeError,
    ReflectApply,
    ReflectConstruct,
    SafeWeakMap,
    SymbolSpecies,
    TypeError,
  } = primordials;
  const { op_eyot_is_pinned, op_eyot_map } = core.ops;

  const held = new SafeWeakMap();
  let resizable = false;

  /** Keeps a mapping counted for as long as `owner` is there. */
  function hold(owner, mapping) {
    if (!held.has(owner)) held.set(owner, mapping);
  }

  /** Some buffer of this isolate can be resized. */
  function noteResizable() {
    resizable = true;
  }

  /** Whether some buffer of this isolate may be resizable. */
  function mayBeResizable() {
    return resizable;
  }

  /** A buffer that can grow to `most` bytes. */
  function resizableBuffer(length, most, target) {
    if (length > most) throw new RangeError("Invalid array buffer max length");
    const mapping = op_eyot_map(most, 1, "Array buffer allocation failed");
    const buffer = ReflectConstruct(NativeArrayBuffer, [length, { __proto__: null, maxByteLength: most }], target);
    held.set(buffer, mapping);
    resizable = true;
    return buffer;
  }

  /** Memory that the host is at work with cannot be taken away from it. */
  function checkShrinking(buffer, length) {
    if (length < ArrayBufferPrototypeGetByteLength(buffer) && op_eyot_is_pinned(buffer)) {
      throw new TypeError("The buffer cannot be made smaller while it is being read or written.");
    }
  }

  /** https://tc39.es/ecma262/#sec-arraybuffer.prototype.resize */
  function resize(buffer, newLength) {
    // What is none of those it refuses before it looks at the length.
    if (!ArrayBufferPrototypeGetResizable(buffer)) return ReflectApply(nativeResize, buffer, [0]);
    const length = toIndex(newLength, "ArrayBuffer.prototype.resize: Invalid length parameter");
    checkShrinking(buffer, length);
    return ReflectApply(nativeResize, buffer, [length]);
  }
  const nativeResize = ArrayBufferPrototype.resize;

  /** `ArrayBuffer.prototype.transfer`: the mapping goes along. */
  function transfer(buffer, args) {
    if (args.length > 0 && args[0] !== undefined && ArrayBufferPrototypeGetResizable(buffer)) {
      const length = toIndex(args[0], "Invalid array buffer length");
      checkShrinking(buffer, length);
      args = [length];
    }
    const mapping = held.get(buffer);
    const moved = ReflectApply(nativeTransfer, buffer, args);
    if (mapping !== undefined) {
      held.delete(buffer);
      held.set(moved, mapping);
    }
    return moved;
  }
  const nativeTransfer = ArrayBufferPrototype.transfer;

  /** https://tc39.es/ecma262/#sec-toindex */
  function toIndex(value, message) {
    const index = MathTrunc(+value) || 0;
    if (index < 0 || index > NumberMAX_SAFE_INTEGER) throw new RangeError(message);
    return index;
  }

  function ArrayBuffer(length) {
    "use strict";
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'");
    const options = arguments.length > 1 ? arguments[1] : undefined;
    // The prototype is the same one; V8 makes a new shape for every object that one function constructs for another.
    const target = new.target === ArrayBuffer ? NativeArrayBuffer : new.target;
    if (options === null || (typeof options !== "object" && typeof options !== "function")) {
      return ReflectConstruct(NativeArrayBuffer, [length], target);
    }
    const bytes = toIndex(length, "Array buffer allocation failed");
    const most = options.maxByteLength;
    if (most === undefined) return ReflectConstruct(NativeArrayBuffer, [bytes], target);
    return resizableBuffer(bytes, toIndex(most, "Invalid array buffer max length"), target);
  }

  const { hidden } = core.loadExtScript("ext:eyot/hidden.js");

  ObjectDefineProperties(ArrayBuffer, {
    prototype: { __proto__: null, value: ArrayBufferPrototype, writable: false, enumerable: false, configurable: false },
    isView: hidden(NativeArrayBuffer.isView),
  });
  ObjectDefineProperty(ArrayBuffer, SymbolSpecies, ObjectGetOwnPropertyDescriptor(NativeArrayBuffer, SymbolSpecies));

  function install(target) {
    ObjectDefineProperty(ArrayBufferPrototype, "constructor", hidden(ArrayBuffer));
    ObjectDefineProperty(ArrayBufferPrototype, "resize", hidden({
      resize(newLength) {
        "use strict";
        return resize(this, newLength);
      },
    }.resize));
    ObjectDefineProperty(ArrayBufferPrototype, "transfer", hidden({
      transfer() {
        "use strict";
        return transfer(this, arguments);
      },
    }.transfer));
    ObjectDefineProperty(target, "ArrayBuffer", hidden(ArrayBuffer));
  }

  return { hold, install, mayBeResizable, noteResizable, resizableBuffer, transfer };
})()
