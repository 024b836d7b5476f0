// Structured clone: https://html.spec.whatwg.org/multipage/structured-data.html#safe-passing-of-structured-data
//
// A value is serialized to records and these are made values again. Everything stays inside one isolate, so the records
// are objects of this heap: they share strings and count against the memory cap, which the bytes of V8's own serializer
// do not (one string named a thousand times in an array is written a thousand times, outside of any limit).
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBuffer, ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetDetached, ArrayIteratorPrototype,
    ArrayBufferPrototypeGetMaxByteLength, ArrayBufferPrototypeGetResizable, ArrayPrototypePush,
    BigIntPrototypeValueOf, BooleanPrototypeValueOf, DataView, DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength, DataViewPrototypeGetByteOffset, Date, DatePrototypeGetTime,
    FinalizationRegistryPrototype, FunctionPrototypeToString, Map, MapPrototypeForEach, MapPrototypeSet,
    NumberPrototypeValueOf, Object, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor,
    ObjectHasOwn, ObjectKeys, ObjectPrototypeIsPrototypeOf, ReflectApply, RegExp, RegExpPrototypeGetFlags, RegExpPrototypeGetSource, SafeMap, Set,
    SetPrototypeAdd, SetPrototypeForEach, String, StringIteratorPrototype, StringPrototypeValueOf,
    TypedArrayPrototypeAt, TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, TypedArrayPrototypeGetLength,
    TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet, Uint8Array, WeakRefPrototype,
  } = primordials;
  const { op_eyot_kind } = core.ops;
  const webidl = core.loadExtScript("ext:deno_webidl/00_webidl.js");
  const { DOMException, QuotaExceededError } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
  core.registerCloneableResource("QuotaExceededError", ({ message, stack, quota, requested }) => {
    const options = { __proto__: null };
    if (quota !== null) options.quota = quota;
    if (requested !== null) options.requested = requested;
    const error = new QuotaExceededError(message, options);
    ObjectDefineProperty(error, "stack", { __proto__: null, value: stack, writable: true, configurable: true });
    return error;
  });
  const { hostObjectBrand, isCryptoKey, isPlatformObject, markNotSerializable, stepsOf } = core.loadExtScript(
    "ext:eyot/platform_objects.js",
  );
  const { resizableBuffer, transfer: transferBuffer } = core.loadExtScript("ext:eyot/mappings.js");

  const {
    ORDINARY, ARRAY, DATE, REGEXP, MAP, SET, ARRAY_BUFFER, SHARED_ARRAY_BUFFER, VIEW, ERROR, BOOLEAN, NUMBER, STRING,
    BIGINT, REFUSED, errorClasses,
  } = core.loadExtScript("ext:eyot/kinds.js");
  // Kinds of records beside these.
  const HOST = 20;
  const TRANSFERRED = 21;

  // TypedArray classes by tag, taken before any script can replace them.
  const viewClasses = { __proto__: null };
  const viewNames = [
    "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array",
    "BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array",
  ];
  for (let i = 0; i < viewNames.length; i++) viewClasses[viewNames[i]] = globalThis[viewNames[i]];

  function refuse(value) {
    let shown;
    if (typeof value === "symbol") shown = String(value);
    else if (typeof value === "function") shown = FunctionPrototypeToString(value);
    else shown = "An object of this kind";
    throw new DOMException(`${shown} could not be cloned.`, "DataCloneError");
  }

  // V8 does not tell these from ordinary objects.
  function hasSlots(value) {
    return ObjectPrototypeIsPrototypeOf(WeakRefPrototype, value) ||
      ObjectPrototypeIsPrototypeOf(FinalizationRegistryPrototype, value) ||
      ObjectPrototypeIsPrototypeOf(ArrayIteratorPrototype, value) ||
      ObjectPrototypeIsPrototypeOf(StringIteratorPrototype, value);
  }

  /** https://html.spec.whatwg.org/multipage/structured-data.html#structuredserializeinternal */
  function serialize(value, memory) {
    switch (typeof value) {
      case "symbol":
      case "function":
        return refuse(value);
      case "object":
        break;
      default:
        return value;
    }
    if (value === null) return null;
    const known = memory.get(value);
    if (known !== undefined) return known;
    const kind = op_eyot_kind(value);
    if (kind === REFUSED || (kind === ORDINARY && hasSlots(value))) refuse(value);
    const record = { __proto__: null, kind, made: undefined, content: undefined, more: undefined };
    memory.set(value, record);
    if (kind !== ARRAY && isPlatformObject(value)) serializeHost(value, record);
    else if (kind === ORDINARY && isCryptoKey(value)) {
      record.kind = HOST;
      record.content = { __proto__: null, type: "CryptoKey", key: value };
    }
    else fill(value, record, memory);
    return record;
  }

  function serializeHost(value, record) {
    const steps = stepsOf(value);
    // A string names a transferable that was not in the list.
    if (typeof steps !== "function") refuse(value);
    record.kind = HOST;
    record.content = ReflectApply(steps, value, []);
    if (ObjectPrototypeIsPrototypeOf(QuotaExceededError.prototype, value)) {
      record.content = { __proto__: null, ...record.content, type: "QuotaExceededError", quota: value.quota, requested: value.requested };
    }
  }

  function fill(value, record, memory) {
    switch (record.kind) {
      case DATE:
        record.content = DatePrototypeGetTime(value);
        return;
      case REGEXP:
        record.content = RegExpPrototypeGetSource(value);
        record.more = RegExpPrototypeGetFlags(value);
        return;
      case BOOLEAN:
        record.content = BooleanPrototypeValueOf(value);
        return;
      case NUMBER:
        record.content = NumberPrototypeValueOf(value);
        return;
      case STRING:
        record.content = StringPrototypeValueOf(value);
        return;
      case BIGINT:
        record.content = BigIntPrototypeValueOf(value);
        return;
      case ARRAY_BUFFER:
        record.content = copyBuffer(value, memory);
        return;
      case SHARED_ARRAY_BUFFER:
        record.content = value;
        return;
      case VIEW:
        fillView(value, record, memory);
        return;
      case MAP: {
        const flat = [];
        MapPrototypeForEach(value, (item, key) => ArrayPrototypePush(flat, key, item));
        record.content = serializeAll(flat, memory);
        return;
      }
      case SET: {
        const flat = [];
        SetPrototypeForEach(value, (item) => ArrayPrototypePush(flat, item));
        record.content = serializeAll(flat, memory);
        return;
      }
      case ERROR:
        fillError(value, record, memory);
        return;
      case ARRAY:
        record.more = value.length;
        break;
    }
    fillProperties(value, record, memory);
  }

  function serializeAll(list, memory) {
    for (let i = 0; i < list.length; i++) list[i] = serialize(list[i], memory);
    return list;
  }

  /** Key and record alternate. */
  function fillProperties(value, record, memory) {
    const keys = ObjectKeys(value);
    const content = [];
    record.content = content;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (!ObjectHasOwn(value, key)) continue;
      ArrayPrototypePush(content, key, serialize(value[key], memory));
    }
  }

  function copyBuffer(buffer, memory) {
    if (ArrayBufferPrototypeGetDetached(buffer)) {
      throw new DOMException("An ArrayBuffer is detached and could not be cloned.", "DataCloneError");
    }
    const length = ArrayBufferPrototypeGetByteLength(buffer);
    const copy = ArrayBufferPrototypeGetResizable(buffer) && !memory.fixed
      ? resizableBuffer(length, ArrayBufferPrototypeGetMaxByteLength(buffer), ArrayBuffer)
      : new ArrayBuffer(length);
    TypedArrayPrototypeSet(new Uint8Array(copy), new Uint8Array(buffer));
    return copy;
  }

  function fillView(value, record, memory) {
    const name = TypedArrayPrototypeGetSymbolToStringTag(value);
    let buffer, offset, length;
    if (name === undefined) {
      buffer = DataViewPrototypeGetBuffer(value);
      // Throw a TypeError when the buffer is detached or too short for the view.
      try {
        offset = DataViewPrototypeGetByteOffset(value);
        length = DataViewPrototypeGetByteLength(value);
      } catch {
        throw new DOMException("A DataView is out of bounds and could not be cloned.", "DataCloneError");
      }
    } else {
      buffer = TypedArrayPrototypeGetBuffer(value);
      if (op_eyot_kind(buffer) === ARRAY_BUFFER && ArrayBufferPrototypeGetResizable(buffer)) refuseOutside(value);
      offset = TypedArrayPrototypeGetByteOffset(value);
      length = TypedArrayPrototypeGetLength(value);
    }
    record.content = serialize(buffer, memory);
    record.more = { __proto__: null, name, offset, length: tracksLength(value, name, buffer, offset) ? undefined : length };
  }

  /** A buffer that has shrunk may leave its views outside of it; they answer like empty ones. */
  function refuseOutside(view) {
    try {
      TypedArrayPrototypeAt(view, 0);
    } catch {
      throw new DOMException("A typed array is out of bounds and could not be cloned.", "DataCloneError");
    }
  }

  /** Whether a view follows its buffer's length: one that reaches to the end of a resizable buffer. */
  function tracksLength(value, name, buffer, offset) {
    if (op_eyot_kind(buffer) !== ARRAY_BUFFER || !ArrayBufferPrototypeGetResizable(buffer)) return false;
    const bytes = name === undefined ? DataViewPrototypeGetByteLength(value) : TypedArrayPrototypeGetByteLength(value);
    const rest = ArrayBufferPrototypeGetByteLength(buffer) - offset - bytes;
    return rest >= 0 && rest < (name === undefined ? 1 : viewClasses[name]?.BYTES_PER_ELEMENT ?? 2);
  }

  function fillError(value, record, memory) {
    const name = value.name;
    const known = name === undefined ? "Error" : String(name);
    const message = ObjectGetOwnPropertyDescriptor(value, "message");
    const stack = ObjectGetOwnPropertyDescriptor(value, "stack");
    record.content = known in errorClasses ? known : "Error";
    record.more = {
      __proto__: null,
      message: message !== undefined && "value" in message ? String(message.value) : undefined,
      stack: undefined,
      hasCause: false,
      cause: undefined,
    };
    const trace = stack === undefined ? undefined : value.stack;
    if (typeof trace === "string") record.more.stack = trace;
    const cause = ObjectGetOwnPropertyDescriptor(value, "cause");
    if (cause !== undefined && "value" in cause) {
      record.more.hasCause = true;
      record.more.cause = serialize(cause.value, memory);
    }
  }

  /** https://html.spec.whatwg.org/multipage/structured-data.html#structureddeserialize */
  function deserialize(record) {
    if (typeof record !== "object" || record === null) return record;
    if (record.made !== undefined) return record.made;
    const { content, more } = record;
    switch (record.kind) {
      case DATE:
        return record.made = new Date(content);
      case REGEXP:
        return record.made = new RegExp(content, more);
      case BOOLEAN:
      case NUMBER:
      case STRING:
      case BIGINT:
        return record.made = Object(content);
      case ARRAY_BUFFER:
      case SHARED_ARRAY_BUFFER:
        return record.made = content;
      case VIEW:
        return record.made = makeView(deserialize(content), more);
      case MAP: {
        const map = record.made = new Map();
        for (let i = 0; i < content.length; i += 2) {
          const key = deserialize(content[i]);
          MapPrototypeSet(map, key, deserialize(content[i + 1]));
        }
        return map;
      }
      case SET: {
        const set = record.made = new Set();
        for (let i = 0; i < content.length; i++) SetPrototypeAdd(set, deserialize(content[i]));
        return set;
      }
      case ERROR:
        return makeError(record);
      case HOST:
        return record.made = core.getCloneableDeserializers()[content.type](content);
    }
    const made = record.made = record.kind === ARRAY ? [] : {};
    if (record.kind === ARRAY) made.length = more;
    // Not assignments: those would find setters that a script has put on the prototypes.
    const property = { __proto__: null, value: undefined, writable: true, enumerable: true, configurable: true };
    for (let i = 0; i < content.length; i += 2) {
      const value = deserialize(content[i + 1]);
      property.value = value;
      ObjectDefineProperty(made, content[i], property);
    }
    return made;
  }

  function makeView(buffer, { name, offset, length }) {
    // Float16Array is not there yet when a snapshot is made.
    const View = name === undefined ? DataView : viewClasses[name] ?? globalThis[name];
    return length === undefined ? new View(buffer, offset) : new View(buffer, offset, length);
  }

  function makeError(record) {
    const { message, stack, hasCause, cause } = record.more;
    const error = record.made = new errorClasses[record.content]();
    const define = (key, value) =>
      ObjectDefineProperty(error, key, { __proto__: null, value, writable: true, enumerable: false, configurable: true });
    if (message !== undefined) define("message", message);
    define("stack", stack);
    if (hasCause) define("cause", deserialize(cause));
    return error;
  }

  /** Serializes `value`; what is in `transfer` moves. The result is for one `receive`. */
  function serializeWithTransfer(value, transfer) {
    const memory = new SafeMap();
    const moved = [];
    for (let i = 0; i < transfer.length; i++) {
      const item = transfer[i];
      const isBuffer = op_eyot_kind(item) === ARRAY_BUFFER;
      const transferable = isBuffer || (ObjectHasOwn(item, webidl.brand) && typeof item[hostObjectBrand] === "string");
      if (!transferable) throw new DOMException("A value is not transferable.", "DataCloneError");
      if (memory.has(item)) throw new DOMException("A value is in the transfer list twice.", "DataCloneError");
      const record = { __proto__: null, kind: TRANSFERRED, made: undefined, content: item, more: isBuffer };
      memory.set(item, record);
      ArrayPrototypePush(moved, record);
    }
    const root = serialize(value, memory);
    for (let i = 0; i < moved.length; i++) send(moved[i]);
    return { __proto__: null, root, moved };
  }

  function send(record) {
    const item = record.content;
    if (record.more) {
      if (ArrayBufferPrototypeGetDetached(item)) {
        throw new DOMException("An ArrayBuffer in the transfer list is detached.", "DataCloneError");
      }
      try {
        record.content = transferBuffer(item, []);
      } catch {
        // It cannot be detached: a WebAssembly memory's.
        throw new DOMException("An ArrayBuffer in the transfer list cannot be detached.", "DataCloneError");
      }
      return;
    }
    record.more = item[hostObjectBrand];
    record.content = resourceOf(record.more).send(item);
  }

  function resourceOf(type) {
    const resource = core.getTransferableResource(type);
    if (resource === undefined) throw new DOMException("A value is not transferable.", "DataCloneError");
    return resource;
  }

  /** The value that was serialized, and the list of what has moved. */
  function receive({ root, moved }) {
    const transferred = [];
    for (let i = 0; i < moved.length; i++) {
      const record = moved[i];
      record.made = typeof record.more === "string" ? resourceOf(record.more).receive(record.content) : record.content;
      ArrayPrototypePush(transferred, record.made);
    }
    return { __proto__: null, value: deserialize(root), transferred };
  }

  webidl.converters.StructuredSerializeOptions = webidl.createDictionaryConverter("StructuredSerializeOptions", [
    {
      key: "transfer",
      converter: webidl.converters["sequence<object>"],
      get defaultValue() {
        return [];
      },
    },
  ]);

  /** https://html.spec.whatwg.org/multipage/structured-data.html#dom-structuredclone */
  function structuredClone(value, options = undefined) {
    const prefix = "Failed to execute 'structuredClone'";
    webidl.requiredArguments(arguments.length, 1, prefix);
    const { transfer } = webidl.converters.StructuredSerializeOptions(options, prefix, "Argument 2");
    return receive(serializeWithTransfer(value, transfer)).value;
  }

  /** A clone without resizable buffers, which become fixed. */
  function fixedClone(value) {
    const memory = new SafeMap();
    memory.fixed = true;
    return deserialize(serialize(value, memory));
  }

  return { fixedClone, markNotSerializable, receive, serializeWithTransfer, structuredClone };
})()
