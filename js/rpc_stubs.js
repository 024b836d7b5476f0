// Stubs: what stands in one script for a function or an RpcTarget of another, and promises whose result can be used before
// it is there, https://developers.cloudflare.com/workers/runtime-apis/rpc/#promise-pipelining
//
// All of them are proxies of functions: any property can be asked for and any can be called. Where a call goes is the
// session's business (rpc.js).
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeConcat,
    Error,
    ObjectHasOwn,
    PromisePrototypeCatch,
    PromisePrototypeFinally,
    PromisePrototypeThen,
    PromiseReject,
    Proxy,
    ReflectApply,
    SafeWeakMap,
    SafeWeakSet,
    SymbolDispose,
    TypeError,
  } = primordials;
  const { isTarget } = core.loadExtScript("ext:eyot/entrypoints.js");

  const records = new SafeWeakMap();
  const services = new SafeWeakSet();

  /** `new RpcStub(target)` is what the other side would have of it; every other stub is an instance too. */
  class RpcStub {
    constructor(value) {
      return core.loadExtScript("ext:eyot/rpc.js").localStub(value);
    }
  }
  class RpcPromise {
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  }
  class RpcProperty {
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  }
  /** What service bindings are. */
  class ServiceStub {
    constructor() {
      throw new TypeError("Illegal constructor");
    }
  }

  const isStub = (value) => records.has(value);

  /** Whether a value crosses as something to be called. */
  const isReferred = (value) => typeof value === "function" || isTarget(value) || services.has(value);

  /** Whether its properties are to be asked for as they are: it is not of this script. */
  const isForeign = (value) => records.has(value) || services.has(value);

  function noteService(proxy) {
    services.add(proxy);
    return proxy;
  }

  /** A handler of what looks like a function and has no properties of its own to be changed. */
  const proxied = (prototype, handler) =>
    new Proxy(() => {}, {
      __proto__: null,
      getPrototypeOf: () => prototype,
      set: () => false,
      defineProperty: () => false,
      deleteProperty: () => false,
      setPrototypeOf: () => false,
      preventExtensions: () => false,
      apply: handler.apply,
      get: handler.get,
    });

  function use(record, path, args) {
    if (record.disposed) {
      return promised(PromiseReject(new Error("RPC stub used after being disposed.")));
    }
    return promised(record.session.call(record.number, path, args));
  }

  function dispose(record) {
    if (record.disposed) return;
    record.disposed = true;
    if (--record.shared.owners === 0) record.session.release(record.number);
  }

  /** What stands for number `number` of the session's other side. Whoever has duplicated it owns it too. */
  function stub(session, number, shared = { __proto__: null, owners: 1 }) {
    const record = { __proto__: null, session, number, shared, disposed: false };
    const proxy = proxied(RpcStub.prototype, {
      __proto__: null,
      apply: (_target, _this, args) => use(record, [], args),
      get(_target, name) {
        if (name === SymbolDispose) return () => dispose(record);
        if (name === "dup") return () => duplicate(proxy);
        // A stub is no promise, and writing it down is no call.
        if (typeof name !== "string" || name === "then" || name === "toJSON") return undefined;
        return property(record, [name]);
      },
    });
    records.set(proxy, record);
    return proxy;
  }

  /** A property of what a stub stands for: to be called, awaited, or gone into. */
  function property(record, path) {
    return proxied(RpcProperty.prototype, {
      __proto__: null,
      apply: (_target, _this, args) => use(record, path, args),
      get(_target, name) {
        if (typeof name !== "string") return undefined;
        if (name === "then" || name === "catch" || name === "finally") return use(record, path, null)[name];
        return property(record, ArrayPrototypeConcat(path, [name]));
      },
    });
  }

  function duplicate(proxy) {
    const { session, number, shared, disposed } = records.get(proxy);
    if (disposed) throw new Error("RPC stub used after being disposed.");
    shared.owners++;
    return stub(session, number, shared);
  }

  const disposeStub = (proxy) => dispose(records.get(proxy));

  /** The promise of a result, whose properties can be called before it is there. */
  function promised(promise, path = []) {
    const value = () => path.length === 0 ? promise : PromisePrototypeThen(promise, (root) => reached(root, path));
    return proxied(path.length === 0 ? RpcPromise.prototype : RpcProperty.prototype, {
      __proto__: null,
      apply: (_target, _this, args) =>
        promised(PromisePrototypeThen(promise, (root) => {
          const receiver = reached(root, path);
          if (typeof receiver !== "function") throw new TypeError("The result of the call is not a function.");
          return ReflectApply(receiver, undefined, args);
        })),
      get(_target, name) {
        if (name === "then") return (resolve, reject) => PromisePrototypeThen(value(), resolve, reject);
        if (name === "catch") return (reject) => PromisePrototypeCatch(value(), reject);
        if (name === "finally") return (settle) => PromisePrototypeFinally(value(), settle);
        if (name === SymbolDispose) {
          return () => {
            PromisePrototypeThen(value(), (result) => result?.[SymbolDispose]?.(), () => {});
          };
        }
        if (typeof name !== "string") return undefined;
        return promised(promise, ArrayPrototypeConcat(path, [name]));
      },
    });
  }

  function reached(root, path) {
    let value = root;
    for (let i = 0; i < path.length; i++) {
      if (typeof value === "function" || services.has(value)) value = value[path[i]];
      else if (typeof value === "object" && value !== null && ObjectHasOwn(value, path[i])) value = value[path[i]];
      else return undefined;
    }
    return value;
  }

  return {
    RpcPromise, RpcProperty, RpcStub, ServiceStub, disposeStub, duplicate, isForeign, isReferred, isStub, noteService,
    promised, proxied, stub,
  };
})()
