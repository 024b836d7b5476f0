// The host functions behind asynchronous ops, kept from scripts.
//
// deno_core 0.413 calls them as `op.call(this, ...)` (00_infra.js, `setUpAsyncStub`): a script that replaces
// `Function.prototype.call` would be handed each of them. They get a prototype that has the `call` of now.
(function () {
  const { core } = __bootstrap;
  const { defineProperty, freeze, getOwnPropertyDescriptor, getOwnPropertyNames, setPrototypeOf } = Object;

  /** Every stub of an asynchronous op: by its name, or a method of the host's objects. */
  function stubs() {
    const found = [];
    const look = (holder) => {
      for (const name of getOwnPropertyNames(holder)) {
        const { value } = getOwnPropertyDescriptor(holder, name);
        if (typeof value !== "function") continue;
        if (`${value}`.startsWith("function async_op_")) found.push(value);
        else if (holder === core.ops && typeof value.prototype === "object") look(value.prototype);
      }
    };
    look(core.ops);
    return found;
  }

  /** Before any script runs. A stub that is called meanwhile shows its host function and does not call it. */
  function keepFromScripts() {
    const found = stubs();
    const described = getOwnPropertyDescriptor(Function.prototype, "call");
    const prototype = freeze({ __proto__: Function.prototype, call: described.value });
    let shown;
    const show = function () {
      shown = this;
      return null;
    };
    defineProperty(Function.prototype, "call", { ...described, value: show });
    for (const stub of found) {
      shown = undefined;
      stub();
      setPrototypeOf(shown, prototype);
    }
    defineProperty(Function.prototype, "call", described);
  }

  return { keepFromScripts };
})()
