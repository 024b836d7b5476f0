// KV: the namespace binding of https://developers.cloudflare.com/kv/api/, with workerd's checks and texts.
//
// Arguments are checked here for their messages and again by the host, which owns sizes, times and the store.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayIsArray,
    ArrayPrototypeMap,
    JSONParse,
    JSONStringify,
    ObjectPrototypeIsPrototypeOf,
    Map,
    MapPrototypeSet,
    MathTrunc,
    TypedArrayPrototypeGetBuffer,
    String,
    TypeError,
  } = primordials;
  const { op_eyot_kv_delete, op_eyot_kv_get, op_eyot_kv_get_bulk, op_eyot_kv_list, op_eyot_kv_put, op_eyot_kv_recent } =
    core.ops;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const { currentId } = loadExtScript("ext:eyot/dispatch.js");

  function checkKey(key) {
    const name = String(key);
    if (name === "") throw new TypeError("Key name cannot be empty.");
    if (name === ".") throw new TypeError('"." is not allowed as a key name.');
    if (name === "..") throw new TypeError('".." is not allowed as a key name.');
    return name;
  }

  /** A number as the host's checks repeat it in their messages. */
  function textOf(value) {
    return value === undefined || value === null ? null : String(value);
  }

  function readOptions(options) {
    if (options === undefined || options === null) return { type: "text", cacheTtl: null };
    if (typeof options === "string") return { type: options, cacheTtl: null };
    return { type: options.type ?? "text", cacheTtl: textOf(options.cacheTtl) };
  }

  function decode(bytes, type) {
    switch (type) {
      case "text":
        return core.decode(bytes);
      case "json":
        return JSONParse(core.decode(bytes));
      case "arrayBuffer":
        return TypedArrayPrototypeGetBuffer(bytes);
      default: {
        const { InnerBody } = loadExtScript("ext:deno_fetch/22_body.js");
        return new InnerBody({ body: bytes, consumed: false }).stream;
      }
    }
  }

  function checkType(type) {
    if (type !== "text" && type !== "json" && type !== "arrayBuffer" && type !== "stream") {
      throw new TypeError('Unknown response type. Possible types are "text", "arrayBuffer", "json", and "stream".');
    }
  }

  /** What the host may know without waiting. */
  const isText = (type) => type === "text" || type === "json";

  async function bytesOf(value) {
    if (typeof value === "string") return core.encode(value);
    if (ArrayBufferIsView(value) || isAnyArrayBuffer(value)) return value;
    const { ReadableStreamPrototype, readableStreamCollectIntoUint8Array } = loadExtScript("ext:deno_web/06_streams.js");
    if (ObjectPrototypeIsPrototypeOf(ReadableStreamPrototype, value)) {
      return (await readableStreamCollectIntoUint8Array(value)).bytes;
    }
    throw new TypeError("KV put() accepts only strings, ArrayBuffers, ArrayBufferViews, and ReadableStreams as values.");
  }

  const parsed = (metadata) => metadata === null ? null : JSONParse(metadata);

  class KvNamespace {
    #index;

    constructor(index) {
      this.#index = index;
    }

    async get(key, options = undefined) {
      if (ArrayIsArray(key)) return await this.#getBulk(key, options, false);
      const name = checkKey(key);
      const { type, cacheTtl } = readOptions(options);
      checkType(type);
      if (cacheTtl === null && isText(type)) {
        const text = op_eyot_kv_recent(currentId(), this.#index, name, false);
        if (text !== undefined) return text === null || type === "text" ? text : JSONParse(text);
      }
      const found = await op_eyot_kv_get(currentId(), this.#index, name, cacheTtl);
      return found === null ? null : decode(found.value, type);
    }

    async getWithMetadata(key, options = undefined) {
      if (ArrayIsArray(key)) return await this.#getBulk(key, options, true);
      const name = checkKey(key);
      const { type, cacheTtl } = readOptions(options);
      checkType(type);
      if (cacheTtl === null && isText(type)) {
        const recent = op_eyot_kv_recent(currentId(), this.#index, name, true);
        if (recent === null) return { value: null, metadata: null, cacheStatus: null };
        if (recent !== undefined) {
          const value = type === "text" ? recent[0] : JSONParse(recent[0]);
          return { value, metadata: parsed(recent[1]), cacheStatus: null };
        }
      }
      const found = await op_eyot_kv_get(currentId(), this.#index, name, cacheTtl);
      if (found === null) return { value: null, metadata: null, cacheStatus: null };
      return { value: decode(found.value, type), metadata: parsed(found.metadata), cacheStatus: null };
    }

    async #getBulk(keys, options, withMetadata) {
      const names = ArrayPrototypeMap(keys, checkKey);
      const { type, cacheTtl } = readOptions(options);
      const found = await op_eyot_kv_get_bulk(currentId(), this.#index, names, String(type), cacheTtl);
      const result = new Map();
      for (let i = 0; i < names.length; i++) {
        const entry = found[i];
        if (entry === null) {
          MapPrototypeSet(result, names[i], null);
          continue;
        }
        const value = decode(entry.value, type);
        MapPrototypeSet(result, names[i], withMetadata ? { value, metadata: parsed(entry.metadata) } : value);
      }
      return result;
    }

    async put(key, value, options = undefined) {
      const name = checkKey(key);
      const bytes = await bytesOf(value);
      const metadata = options?.metadata;
      await op_eyot_kv_put(
        currentId(),
        this.#index,
        name,
        bytes,
        textOf(options?.expiration),
        textOf(options?.expirationTtl),
        metadata === undefined || metadata === null ? null : JSONStringify(metadata),
      );
    }

    async delete(key) {
      await op_eyot_kv_delete(currentId(), this.#index, checkKey(key));
    }

    async list(options = undefined) {
      const page = await op_eyot_kv_list(
        currentId(),
        this.#index,
        textOf(options?.prefix),
        options?.limit > 0 ? MathTrunc(options.limit) : 0,
        textOf(options?.cursor),
      );
      const keys = ArrayPrototypeMap(page.keys, (key) => {
        const listed = { name: key.name };
        if (key.expiration !== null) listed.expiration = key.expiration;
        if (key.metadata !== null) listed.metadata = JSONParse(key.metadata);
        return listed;
      });
      return page.cursor === null
        ? { keys, list_complete: true, cacheStatus: null }
        : { keys, list_complete: false, cursor: page.cursor, cacheStatus: null };
    }
  }

  return { makeNamespace: (index) => new KvNamespace(index) };
})()
