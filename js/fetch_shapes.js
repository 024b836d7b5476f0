// Fetch's interfaces as Web IDL has them, where Deno's differ in what can be seen from outside.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectKeys,
    ObjectPrototypeIsPrototypeOf,
    ReflectApply,
    ReflectConstruct,
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
      const { Request: DenoRequest } = loadExtScript("ext:deno_fetch/23_request.js");
      const { carryCf, cfOf } = loadExtScript("ext:eyot/request.js");
      nameGetters(DenoRequest.prototype, ["body", "bodyUsed"]);
      addConstants(DenoRequest.prototype);
      /** Deno's, with the `cf` of what it is made from: of its init before that of its input. */
      function Request(input, init = undefined) {
        if (new.target === undefined) throw new TypeError("Class constructor Request cannot be invoked without 'new'");
        const given = arguments.length === 0 ? [] : [input, init];
        // The prototype is the same one, and V8 makes a new shape for every object that one constructs for another.
        const request = ReflectConstruct(DenoRequest, given, new.target === Request ? DenoRequest : new.target);
        const cf = init?.cf ?? (ObjectPrototypeIsPrototypeOf(DenoRequest.prototype, input) ? cfOf(input) : undefined);
        return cf === undefined ? request : carryCf(request, cf);
      }
      amend(Request, "prototype", { value: DenoRequest.prototype, writable: false });
      amend(Request, "length", { value: 1 });
      amend(Request.prototype, "constructor", { value: Request });
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
