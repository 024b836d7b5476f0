// Forms: which of the other platforms' shapes a script has, when it has no handler of Workers' own.
//
// Looked at once, when the script has been evaluated, in this order; the first that fits is the script's form:
//   1. functions registered with `@azure/functions` or `@google-cloud/functions-framework`;
//   2. an export `handler`: AWS Lambda;
//   3. an export `main`, or a function `main` of a script that exports nothing: OpenWhisk;
//   4. `module.exports` or the default export is itself a function: an application of Express or one like it, and a
//      function whose first parameter is a request by its name, are `(req, res)`; else it is Azure's `(context, req)`;
//   5. exactly one exported function: Google's `(req, res)`;
//   6. `module.exports` or the default export is a server of `node:http`, or the script exports nothing and one listens.
// For a CommonJS module the exports are the properties of `module.exports`. Each form has a file of its own, which
// makes of the function an object with `fetch(request, env, ctx)` and, where the platform has it, `invoke(payload, ...)`.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypePush, FunctionPrototypeToString, ObjectKeys, ReflectGet, RegExpPrototypeExec, SafeRegExp } = primordials;
  const { loadExtScript } = core;
  const { handlers } = loadExtScript("ext:eyot/dispatch.js");

  // Set by the libraries of two platforms when a script registers a function with them.
  const registered = { __proto__: null, google: undefined, azure: undefined };

  /** Exports by name: those of the ES module, and below them those of a CommonJS module. */
  function functionsOf(namespace) {
    const found = { __proto__: null };
    const names = [];
    const take = (object) => {
      const keys = ObjectKeys(object);
      for (let i = 0; i < keys.length; i++) {
        const name = keys[i];
        if (name === "default" || name in found) continue;
        const value = ReflectGet(object, name);
        if (typeof value !== "function") continue;
        found[name] = value;
        ArrayPrototypePush(names, name);
      }
    };
    take(namespace);
    const main = namespace.default;
    if (typeof main === "object" && main !== null) take(main);
    return { found, names };
  }

  /** What a transpiler made of `export default` is one step further down. */
  function defaultFunction(namespace) {
    const main = namespace.default;
    if (typeof main === "function") return main;
    if (typeof main === "object" && main !== null && typeof main.default === "function") return main.default;
    return undefined;
  }

  const FIRST_IS_REQUEST = new SafeRegExp(/^(?:async\s+)?(?:function\b[^(]*)?\(?\s*_?req(?:uest)?\b/);

  /** An application that is called with Node's request and response: Express, Connect, and what is made like them. */
  const isApplication = (value) => typeof value.handle === "function" && typeof value.use === "function";

  const takesRequestFirst = (value) => RegExpPrototypeExec(FIRST_IS_REQUEST, FunctionPrototypeToString(value)) !== null;

  /** A server, or an application that is to be one's listener. */
  function nodeServer(target) {
    const { Server, handleAsNodeRequest } = loadExtScript("ext:eyot_node/http_server.js");
    const server = typeof target === "function" ? new Server(target) : target;
    return { __proto__: null, fetch: (request) => handleAsNodeRequest(server, request) };
  }

  /** What `require("http").createServer()` gave, if it is that. */
  const isServer = (value) =>
    typeof value === "object" && value !== null && typeof value.listen === "function" && typeof value.emit === "function";

  /** The one server that listens, when the script's top level has begun one. */
  function listening() {
    const servers = loadExtScript("ext:eyot_node/http_servers.js").listening();
    return servers.length === 1 ? servers[0] : undefined;
  }

  /** The script's form, or nothing when it has none. `namespace` is null for a script that is not a module. */
  function chooseForm(namespace) {
    if (registered.azure !== undefined) return loadExtScript("ext:eyot/form_azure.js").makeApp(registered.azure);
    if (registered.google !== undefined) return loadExtScript("ext:eyot/form_google.js").makeTargets(registered.google);
    if (namespace === null) {
      const main = globalThis.main;
      return typeof main === "function" ? loadExtScript("ext:eyot/form_openwhisk.js").make(main) : undefined;
    }
    const inner = namespace.default?.default;
    if (typeof inner === "object" && inner !== null && typeof inner.fetch === "function") return inner;
    const { found, names } = functionsOf(namespace);
    if (found.handler !== undefined) return loadExtScript("ext:eyot/form_lambda.js").make(found.handler);
    const main = found.main ?? (names.length === 0 ? handlers.mainFunction : undefined);
    if (main !== undefined) return loadExtScript("ext:eyot/form_openwhisk.js").make(main);
    const whole = defaultFunction(namespace);
    if (whole !== undefined) {
      if (isApplication(whole)) return nodeServer(whole);
      return loadExtScript(takesRequestFirst(whole) ? "ext:eyot/form_google.js" : "ext:eyot/form_azure.js").make(whole);
    }
    if (names.length === 1) {
      const only = found[names[0]];
      return isApplication(only) ? nodeServer(only) : loadExtScript("ext:eyot/form_google.js").make(only);
    }
    const server = isServer(namespace.default) ? namespace.default : names.length === 0 ? listening() : undefined;
    return server === undefined ? undefined : nodeServer(server);
  }

  /** Makes the script's form its handlers; says whether it has one. */
  function adoptForm(namespace) {
    const form = chooseForm(namespace);
    if (form !== undefined) handlers.module = form;
    return form !== undefined;
  }

  return { adoptForm, registered };
})()
