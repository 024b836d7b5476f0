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

  /** What crosses to another script as a stub: its prototypes' methods can be called there. */
  class RpcTarget {}
  const RpcTargetPrototype = RpcTarget.prototype;

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

  const isTarget = (value) => ObjectPrototypeIsPrototypeOf(RpcTargetPrototype, value);

  const isInstance = (target) => ObjectPrototypeIsPrototypeOf(WorkerEntrypointPrototype, target);

  /** Names that mean something else than a method. */
  const RESERVED = ["constructor", "fetch", "connect", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "dup"];

  /** A property that the prototypes of a class instance's class give it, never one of its own. */
  function ofPrototypes(target, name) {
    if (ObjectHasOwn(target, name)) return undefined;
    for (
      let at = ObjectGetPrototypeOf(target);
      at !== null && at !== WorkerEntrypointPrototype && at !== RpcTargetPrototype && at !== ObjectPrototype;
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

  /** What another script may reach by this name: of classes what their prototypes have, of plain objects what they have. */
  function member(receiver, name) {
    if (isInstance(receiver) || isTarget(receiver)) {
      return ArrayPrototypeIncludes(RESERVED, name) ? undefined : ofPrototypes(receiver, name);
    }
    return typeof receiver === "object" && receiver !== null && ObjectHasOwn(receiver, name) ? receiver[name] : undefined;
  }

  /** Follows `path` from a value and calls what is there, or reads it when there are no arguments. */
  async function follow(root, path, args) {
    let receiver;
    let value = root;
    for (let i = 0; i < path.length; i++) {
      receiver = value;
      value = member(receiver, path[i]);
      if (i + 1 < path.length) value = await value;
    }
    const name = path.length === 0 ? "(this)" : path[path.length - 1];
    if (args === null) {
      if (value === undefined) throw missing(name);
      return await value;
    }
    if (typeof value !== "function") throw missing(name);
    return await ReflectApply(value, receiver, args);
  }

  /** The same from an entrypoint. */
  async function invoke(target, { path, isCall }, args, env, makeContext) {
    if (target === undefined) throw missing(path[0]);
    // A plain object's method gets one argument and what every handler gets.
    if (isCall && path.length === 1 && !isInstance(target)) {
      const value = member(target, path[0]);
      if (typeof value !== "function") throw missing(path[0]);
      if (args.length > 1) {
        throw new TypeError(
          `Cannot call handler function "${path[0]}" over RPC because it has the wrong number of arguments. A simple function handler can only be called over RPC with one argument.`,
        );
      }
      return await ReflectApply(value, target, [args[0], env, makeContext()]);
    }
    return await follow(target, path, isCall ? args : null);
  }

  return { RpcTarget, WorkerEntrypoint, entrypoint, follow, hasEntrypoints, invoke, isEntrypointClass, isTarget };
})()
