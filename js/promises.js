// Promises whose constructor and species scripts cannot replace.
//
// `await` and `then` look both up, on promises of the host's own as well: what a script has put there would be handed those
// promises, could settle what waits for them early and with whatever it likes, and so pass every limit that is counted by
// what is under way. A promise that a script holds can be given a `constructor` of its own as ever.
(function () {
  const {
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    Promise,
    PromisePrototype,
    SymbolSpecies,
    TypeError,
  } = __bootstrap.primordials;

  const { get, set } = ObjectGetOwnPropertyDescriptor({
    get constructor() {
      return Promise;
    },
    // What an assignment does where a property of that name is inherited.
    set constructor(value) {
      if (this === PromisePrototype || (typeof this !== "object" && typeof this !== "function")) {
        throw new TypeError("Cannot assign to read only property 'constructor' of Promise.prototype");
      }
      ObjectDefineProperty(this, "constructor", {
        __proto__: null,
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    },
  }, "constructor");

  function install() {
    ObjectDefineProperty(Promise, SymbolSpecies, { __proto__: null, configurable: false });
    ObjectDefineProperty(PromisePrototype, "constructor", { __proto__: null, get, set, enumerable: false, configurable: false });
  }

  return { install };
})()
