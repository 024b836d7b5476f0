// Bindings: what each entry of `env` is made of.
(function () {
  const { core, primordials } = __bootstrap;
  const { Error, JSONParse, ObjectFreeze } = primordials;
  const { loadExtScript } = core;

  /** One binding as the host describes it (`isolate/bindings.rs`), the `index`th of its script. */
  function makeBinding(binding, index) {
    switch (binding.type) {
      case "text":
        return binding.value;
      case "json":
        return JSONParse(binding.value);
      case "kv": {
        const { makeNamespace } = loadExtScript("ext:eyot/kv.js");
        return makeNamespace(index);
      }
      case "service": {
        const { makeService } = loadExtScript("ext:eyot/service.js");
        return makeService(index);
      }
      case "rate_limit": {
        const { makeRateLimit } = loadExtScript("ext:eyot/rate_limit.js");
        return makeRateLimit(index);
      }
      case "version_metadata":
        return ObjectFreeze({ id: binding.id, tag: binding.tag, timestamp: binding.timestamp });
      case "module": {
        const { moduleValue } = loadExtScript("ext:eyot/modules.js");
        return moduleValue(binding.module);
      }
      default:
        throw new Error(`unknown binding type ${binding.type}`);
    }
  }

  return { makeBinding };
})()
