// Values that cross between two scripts: structured clones, with references where a function, an RpcTarget, a stub or a
// stream stands, https://developers.cloudflare.com/workers/runtime-apis/rpc/#structured-clonable-types-and-more
//
// What is sent is copied first, so that no getter runs while V8 writes it, and counted while it is copied: V8 writes a
// string once for each place it is at, outside of any limit. A reference goes as an empty object of the copy's own,
// listed beside the value with what it refers to: identity says which ones they are, so that nothing in a script's data
// can pass for one.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferPrototypeGetByteLength, ArrayBufferPrototypeGetResizable, ArrayPrototypePush, BigIntPrototypeToString,
    BigIntPrototypeValueOf, DataViewPrototypeGetBuffer, MapPrototypeClear, MapPrototypeForEach,
    MapPrototypeSet, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ObjectGetPrototypeOf, ObjectHasOwn,
    ObjectKeys, ObjectPrototype, RangeError, RegExp, RegExpPrototypeGetFlags, RegExpPrototypeGetSource, SafeMap,
    SafeSet, SetPrototypeAdd, SetPrototypeClear, SetPrototypeForEach, String, StringPrototypeValueOf,
    TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetSymbolToStringTag, TypedArrayPrototypeSet, Uint8Array,
  } = primordials;
  const { Map, Set } = primordials;
  const { op_eyot_kind } = core.ops;
  const { DOMException } = core.loadExtScript("ext:deno_web/01_dom_exception.js");
  const { fixedClone } = core.loadExtScript("ext:eyot/structured_clone.js");
  const { mayBeResizable } = core.loadExtScript("ext:eyot/mappings.js");
  const { carriedOf, revived } = core.loadExtScript("ext:eyot/rpc_carried.js");
  const { isReferred } = core.loadExtScript("ext:eyot/rpc_stubs.js");

  const MESSAGE_BYTES_MAX = 32 << 20;
  /** Added for each value and property, so that there is no end of nothings either. */
  const EACH_BYTES = 4;

  const {
    ORDINARY, ARRAY, DATE, REGEXP, MAP, SET, ARRAY_BUFFER, VIEW, ERROR, BOOLEAN, NUMBER, STRING, BIGINT,
    errorClasses,
  } = core.loadExtScript("ext:eyot/kinds.js");

  const tooLarge = () => new RangeError("The arguments or the result of the call are larger than 32 MiB.");

  const refuse = (shown) => {
    throw new DOMException(`${shown} could not be cloned.`, "DataCloneError");
  };

  function nameOf(value) {
    try {
      return `${value.constructor.name}`;
    } catch {
      return "Object";
    }
  }

  function refuseInstance(value) {
    const message = `Could not serialize object of type "${nameOf(value)}". This type does not support serialization.`;
    throw new DOMException(message, "DataCloneError");
  }

  /** One message in the making: what was copied, what it refers to, how large it is so far. */
  class Copying {
    copies = new SafeMap();
    marks = [];
    references = [];
    bytes = 0;
    #refer;

    /** `refer(value, kind)` gives a number to what is referred to. */
    constructor(refer) {
      this.#refer = refer;
    }

    count(bytes) {
      this.bytes += bytes + EACH_BYTES;
      if (this.bytes > MESSAGE_BYTES_MAX) throw tooLarge();
    }

    string(text) {
      this.count(text.length);
      return text;
    }

    append(list, value) {
      append(list, value);
    }

    reference(value, kind, data) {
      const mark = {};
      this.copies.set(value, mark);
      this.count(16);
      const number = data === null ? this.#refer(value, kind) : 0;
      append(this.marks, mark);
      append(this.references, [number, kind, data]);
      return mark;
    }

    copy(value) {
      switch (typeof value) {
        case "string":
          return this.string(value);
        case "bigint":
          this.count(BigIntPrototypeToString(value, 16).length);
          return value;
        case "symbol":
          return refuse(String(value));
        case "function":
        case "object":
          if (value !== null) return this.copies.get(value) ?? this.#copyObject(value);
      }
      this.count(8);
      return value;
    }

    #copyObject(value) {
      if (isReferred(value)) return this.reference(value, "call", null);
      const kind = op_eyot_kind(value);
      switch (kind) {
        case ARRAY:
          return this.#copyArray(value);
        case ORDINARY:
          return this.#copyOrdinary(value);
        case MAP: {
          const copy = this.#known(value, new Map());
          MapPrototypeForEach(value, (part, key) => {
            const copied = this.copy(key);
            MapPrototypeSet(copy, copied, this.copy(part));
          });
          return copy;
        }
        case SET: {
          const copy = this.#known(value, new Set());
          SetPrototypeForEach(value, (part) => SetPrototypeAdd(copy, this.copy(part)));
          return copy;
        }
        case ERROR:
          return this.#copyError(value);
        case ARRAY_BUFFER:
          return this.#copyBuffer(value);
        case VIEW:
          return this.#copyView(value);
        case STRING:
          this.count(StringPrototypeValueOf(value).length);
          return this.#known(value, value);
        case BIGINT:
          this.count(BigIntPrototypeToString(BigIntPrototypeValueOf(value), 16).length);
          return this.#known(value, value);
        case REGEXP:
          // The script's own could be compiled to a longer one by a getter that is asked later.
          return this.#known(value, new RegExp(this.string(RegExpPrototypeGetSource(value)), RegExpPrototypeGetFlags(value)));
        case DATE:
        case BOOLEAN:
        case NUMBER:
          this.count(8);
          return this.#known(value, value);
        default:
          return refuse(`#<${nameOf(value)}>`);
      }
    }

    #known(value, copy) {
      this.copies.set(value, copy);
      this.count(8);
      return copy;
    }

    #copyArray(value) {
      const { length } = value;
      const copy = this.#known(value, []);
      // A long array has no more than its elements: to look for names would take as long as to copy it.
      const isPlain = length > 1024 || ObjectKeys(value).length === length;
      for (let i = 0; isPlain && i < length; i++) {
        const part = value[i];
        if (part === undefined && !ObjectHasOwn(value, i)) break;
        append(copy, this.copy(part));
      }
      if (copy.length === length) return copy;
      // It has holes, or names.
      copy.length = length;
      const keys = ObjectKeys(value);
      for (let i = 0; i < keys.length; i++) {
        if (ObjectHasOwn(copy, keys[i]) || !ObjectHasOwn(value, keys[i])) continue;
        this.count(keys[i].length);
        put(copy, keys[i], this.copy(value[keys[i]]));
      }
      return copy;
    }

    #copyOrdinary(value) {
      const prototype = ObjectGetPrototypeOf(value);
      if (prototype === null || prototype === ObjectPrototype) {
        return this.#copyProperties(value);
      }
      const carried = carriedOf(value, this);
      return carried === undefined ? refuseInstance(value) : this.reference(value, carried.kind, carried.data);
    }

    #copyProperties(value) {
      const copy = this.#known(value, {});
      const keys = ObjectKeys(value);
      for (let i = 0; i < keys.length; i++) {
        const key = keys[i];
        this.count(key.length);
        const part = this.copy(value[key]);
        if (key in copy) put(copy, key, part);
        else copy[key] = part;
      }
      return copy;
    }

    #copyError(value) {
      const { stack } = value;
      const named = `${value.name}`;
      const name = errorClasses[named] === undefined ? "Error" : named;
      const copy = this.#known(value, new errorClasses[name]());
      const message = ObjectGetOwnPropertyDescriptor(value, "message");
      const cause = ObjectGetOwnPropertyDescriptor(value, "cause");
      const define = (key, part) =>
        ObjectDefineProperty(copy, key, { __proto__: null, value: part, writable: true, enumerable: false, configurable: true });
      // V8 asks for it, and must not find a getter of the script's.
      define("name", name);
      if (message !== undefined && "value" in message) define("message", this.string(`${message.value}`));
      define("stack", typeof stack === "string" ? this.string(stack) : undefined);
      if (cause !== undefined && "value" in cause) define("cause", this.copy(cause.value));
      return copy;
    }

    #copyBuffer(value) {
      const bytes = ArrayBufferPrototypeGetByteLength(value);
      this.count(bytes);
      // V8's deserializer would map a resizable buffer that nobody counts.
      return this.#known(value, mayBeResizable() && ArrayBufferPrototypeGetResizable(value) ? fixedClone(value) : value);
    }

    #copyView(value) {
      const isTyped = TypedArrayPrototypeGetSymbolToStringTag(value) !== undefined;
      const buffer = isTyped ? TypedArrayPrototypeGetBuffer(value) : DataViewPrototypeGetBuffer(value);
      if (op_eyot_kind(buffer) !== ARRAY_BUFFER) return refuse(`#<${nameOf(value)}>`);
      if (mayBeResizable() && ArrayBufferPrototypeGetResizable(buffer)) {
        this.count(ArrayBufferPrototypeGetByteLength(buffer));
        return this.#known(value, fixedClone(value));
      }
      this.copy(buffer);
      return this.#known(value, value);
    }
  }

  // What is copied is never assigned where a script can have put a setter, which would get hold of the copy.

  /** The next element of a list. */
  function append(list, value) {
    const at = list.length;
    if (at in list) put(list, at, value);
    else list[at] = value;
  }

  function put(target, key, value) {
    ObjectDefineProperty(target, key, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  }

  /**
   * A message: its length in four bytes, and `head` and `value`. `refer(value, kind)` gives a number to each thing that is
   * referred to.
   */
  function pack(head, value, refer) {
    const copying = new Copying(refer);
    const copy = copying.copy(value);
    const bytes = core.serialize([copying.copy(head), copy, copying.marks, copying.references], { __proto__: null, forStorage: true }, (message) => {
      throw new DOMException(message, "DataCloneError");
    });
    if (bytes.length > MESSAGE_BYTES_MAX) throw tooLarge();
    const frame = new Uint8Array(4 + bytes.length);
    for (let i = 0; i < 4; i++) frame[i] = bytes.length >>> (8 * i);
    TypedArrayPrototypeSet(frame, bytes, 4);
    return { __proto__: null, frame, references: copying.references.length };
  }

  /** What `pack` packed, without the length; `refer(number, kind)` gives what stands for each thing referred to. */
  function unpack(bytes, refer) {
    const { 0: head, 1: value, 2: marks, 3: references } = core.deserialize(bytes, { __proto__: null, forStorage: true });
    if (marks.length === 0) return { __proto__: null, head, value, references: 0 };
    const stand = new SafeMap();
    for (let i = 0; i < marks.length; i++) {
      const { 0: number, 1: kind, 2: data } = references[i];
      stand.set(marks[i], data === null ? refer(number, kind) : revived(kind, data, stand));
    }
    return { __proto__: null, head, value: restored(value, stand, new SafeSet()), references: marks.length };
  }

  /** The value, which is our own, with what stands for the references in it. */
  function restored(value, stand, seen) {
    if (typeof value !== "object" || value === null) return value;
    const standing = stand.get(value);
    if (standing !== undefined) return standing;
    if (seen.has(value)) return value;
    seen.add(value);
    switch (op_eyot_kind(value)) {
      case MAP: {
        const entries = [];
        MapPrototypeForEach(value, (part, key) => {
          ArrayPrototypePush(entries, restored(key, stand, seen), restored(part, stand, seen));
        });
        MapPrototypeClear(value);
        for (let i = 0; i < entries.length; i += 2) MapPrototypeSet(value, entries[i], entries[i + 1]);
        break;
      }
      case SET: {
        const entries = [];
        SetPrototypeForEach(value, (part) => ArrayPrototypePush(entries, restored(part, stand, seen)));
        SetPrototypeClear(value);
        for (let i = 0; i < entries.length; i++) SetPrototypeAdd(value, entries[i]);
        break;
      }
      case ERROR:
        if (ObjectHasOwn(value, "cause")) {
          const cause = restored(value.cause, stand, seen);
          ObjectDefineProperty(value, "cause", { __proto__: null, value: cause });
        }
        break;
      case ARRAY:
      case ORDINARY: {
        const keys = ObjectKeys(value);
        for (let i = 0; i < keys.length; i++) {
          const part = value[keys[i]];
          const now = restored(part, stand, seen);
          if (now !== part) put(value, keys[i], now);
        }
      }
    }
    return value;
  }

  return { MESSAGE_BYTES_MAX, pack, unpack };
})()
