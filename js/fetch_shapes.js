// Fetch's interfaces as Web IDL has them, where Deno's differ in what can be seen from outside.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectKeys,
    ObjectPrototypeIsPrototypeOf,
    ReflectApply,
    SafeArrayIterator,
    TypeError,
  } = primordials;
  const { loadExtScript } = core;

  function amend(target, key, changes) {
    ObjectDefineProperty(target, key, { __proto__: null, ...changes });
  }

  /** Getters that were made from descriptors have lost their names. */
  function nameGetters(prototype, names) {
    for (const name of new SafeArrayIterator(names)) {
      amend(ObjectGetOwnPropertyDescriptor(prototype, name).get, "name", { value: `get ${name}`, configurable: true });
    }
  }

  // What a request of a script without documents always says.
  const CONSTANTS = { __proto__: null, destination: "", duplex: "half", isHistoryNavigation: false, isReloadNavigation: false };

  function addConstants(prototype) {
    for (const name of new SafeArrayIterator(ObjectKeys(CONSTANTS))) {
      const named = {
        get [name]() {
          if (!ObjectPrototypeIsPrototypeOf(prototype, this)) throw new TypeError("Illegal invocation");
          return CONSTANTS[name];
        },
      };
      amend(prototype, name, { get: ObjectGetOwnPropertyDescriptor(named, name).get, enumerable: true, configurable: true });
    }
  }

  return {
    get Request() {
      const { Request } = loadExtScript("ext:deno_fetch/23_request.js");
      nameGetters(Request.prototype, ["body", "bodyUsed"]);
      addConstants(Request.prototype);
      return Request;
    },

    get Response() {
      const { Response } = loadExtScript("ext:eyot/response.js");
      nameGetters(Response.prototype, ["body", "bodyUsed"]);
      amend(Response.json, "length", { value: 1 });
      return Response;
    },

    get FormData() {
      const { FormData } = loadExtScript("ext:deno_fetch/21_formdata.js");
      const { BlobPrototype } = loadExtScript("ext:deno_web/09_file.js");
      const { append, set } = FormData.prototype;
      const check = (args) => {
        if (args.length > 2 && !ObjectPrototypeIsPrototypeOf(BlobPrototype, args[1])) {
          throw new TypeError("FormData: a file name was given for a value that is not a Blob.");
        }
      };
      const methods = {
        append(_name, _value) {
          check(arguments);
          return ReflectApply(append, this, arguments);
        },
        set(_name, _value) {
          check(arguments);
          return ReflectApply(set, this, arguments);
        },
      };
      amend(FormData.prototype, "append", { value: methods.append });
      amend(FormData.prototype, "set", { value: methods.set });
      amend(FormData, "length", { value: 0 });
      return FormData;
    },
  };
})()
