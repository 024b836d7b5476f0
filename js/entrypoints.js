// Entrypoints: the called side of service bindings, and the classes that `cloudflare:workers` gives to scripts.
//
// An entrypoint is an export of the main module: an object of handlers, or a class that extends WorkerEntrypoint, of
// which each call gets an instance of its own. Only what a prototype below WorkerEntrypoint's has can be called.
// https://developers.cloudflare.com/workers/runtime-apis/rpc/
(function () {
  const { primordials } = __bootstrap;
  const {
    ArrayPrototypeIncludes,
    FunctionPrototypeCall,
    ObjectGetOwnPropertyDescriptor,
    ObjectGetPrototypeOf,
    ObjectHasOwn,
    ObjectKeys,
    ObjectPrototype,
    ObjectPrototypeIsPrototypeOf,
    ReflectApply,
    ReflectConstruct,
    TypeError,
  } = primordials;

  class WorkerEntrypoint {
    constructor(ctx, env) {
      this.ctx = ctx;
      this.env = env;
    }
  }
  const WorkerEntrypointPrototype = WorkerEntrypoint.prototype;

  /** For `extends`: instances have no stubs here, so they cannot be passed to another script. */
  class RpcTarget {}

  const isEntrypointClass = (value) =>
    typeof value === "function" && ObjectPrototypeIsPrototypeOf(WorkerEntrypointPrototype, value.prototype);

  /** Whether a module has anything to be called by other scripts. */
  function hasEntrypoints(namespace) {
    const names = ObjectKeys(namespace);
    for (let i = 0; i < names.length; i++) {
      if (isEntrypointClass(namespace[names[i]])) return true;
    }
    return false;
  }

  /** What is exported under a name, ready to be called: an instance, or the object itself. */
  function entrypoint(namespace, name, makeContext, env) {
    const exported = namespace === undefined || (name !== undefined && !ObjectHasOwn(namespace, name))
      ? undefined
      : namespace[name ?? "default"];
    if (isEntrypointClass(exported)) return ReflectConstruct(exported, [makeContext(), env]);
    if (typeof exported === "object" && exported !== null) return exported;
    if (name === undefined) return undefined;
    throw new TypeError(`The script has no entrypoint "${name}".`);
  }

  const isInstance = (target) => ObjectPrototypeIsPrototypeOf(WorkerEntrypointPrototype, target);

  /** Names that mean something else than a method. */
  const RESERVED = ["constructor", "fetch", "connect", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup"];

  /** A property that the prototypes of a class instance's class give it, never one of its own. */
  function ofPrototypes(target, name) {
    if (ObjectHasOwn(target, name)) return undefined;
    for (
      let at = ObjectGetPrototypeOf(target);
      at !== null && at !== WorkerEntrypointPrototype && at !== ObjectPrototype;
      at = ObjectGetPrototypeOf(at)
    ) {
      const found = ObjectGetOwnPropertyDescriptor(at, name);
      if (found !== undefined) return found.get === undefined ? found.value : FunctionPrototypeCall(found.get, target);
    }
    return undefined;
  }

  function missing(name) {
    return new TypeError(`The RPC receiver does not implement the method "${name}".`);
  }

  /** Follows `path` from an entrypoint and calls or reads what is there. */
  async function invoke(target, { path, isCall }, args, env, makeContext) {
    if (target === undefined) throw missing(path[0]);
    let receiver;
    let value = target;
    for (let i = 0; i < path.length; i++) {
      receiver = value;
      const name = path[i];
      if (i === 0 && isInstance(target)) {
        value = ArrayPrototypeIncludes(RESERVED, name) ? undefined : ofPrototypes(target, name);
      } else if (typeof receiver === "object" && receiver !== null && ObjectHasOwn(receiver, name)) {
        value = receiver[name];
      } else {
        value = undefined;
      }
      if (i + 1 < path.length) value = await value;
    }
    const name = path[path.length - 1];
    if (!isCall) {
      if (value === undefined) throw missing(name);
      return await value;
    }
    if (typeof value !== "function") throw missing(name);
    // A plain object's method gets one argument and what every handler gets.
    if (path.length === 1 && !isInstance(target)) {
      if (args.length > 1) {
        throw new TypeError(
          `Cannot call handler function "${name}" over RPC because it has the wrong number of arguments. A simple function handler can only be called over RPC with one argument.`,
        );
      }
      return await ReflectApply(value, target, [args[0], env, makeContext()]);
    }
    return await ReflectApply(value, receiver, args);
  }

  return { RpcTarget, WorkerEntrypoint, entrypoint, hasEntrypoints, invoke, isEntrypointClass };
})()
