// Dispatch: how the host enters a script and how a script's answer leaves it.
//
// The host calls the functions of `entry`; they call ops back. One `run` record a request, carried through promises,
// timers and host calls as V8's continuation data, so that logs and counts know whose they are. A run is over when its
// handler, its response body and every `waitUntil` promise have settled.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView, ArrayPrototypePush, Error, JSONParse,
    ObjectDefineProperty,
    ObjectFreeze,
    ObjectKeys,
    ObjectPrototypeIsPrototypeOf,
    PromisePrototypeThen,
    PromiseResolve,
    ReflectApply,
    SetPrototypeForEach,
    TypeError,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_charge,
    op_eyot_done,
    op_eyot_fail,
    op_eyot_handlers,
    op_eyot_log,
    op_eyot_names,
    op_eyot_respond,
    op_eyot_respond_head,
    op_eyot_respond_stream,
    op_eyot_thrown,
  } = core.ops;
  const { loadExtScript } = core;
  const { abortRequest } = loadExtScript("ext:deno_fetch/23_request.js");
  const { IncomingBody, isUntouched, take } = loadExtScript("ext:eyot/incoming_body.js");
  const { incomingRequest } = loadExtScript("ext:eyot/request.js");
  const { ResponsePrototype, nullBodyStatus, toInnerResponse, wireHeaderList } = loadExtScript("ext:deno_fetch/23_response.js");
  const { formatOf, passesOn, wireBody } = loadExtScript("ext:eyot/content_coding.js");
  const { bodyLength, lengthOf } = loadExtScript("ext:eyot/lengths.js");
  const { currentRun, newRun, runOf, takeOut, within } = loadExtScript("ext:eyot/runs.js");
  const { describe, describeParts } = loadExtScript("ext:eyot/thrown.js");
  const traceLimit = loadExtScript("ext:eyot/trace_limit.js");
  const { isReadableStream } = loadExtScript("ext:eyot/stream_parts.js");
  const { flatten, wireLength } = loadExtScript("ext:eyot/wire_headers.js");

  const HANDLERS = ["fetch", "scheduled", "queue", "email", "tail", "trace", "test"];

  // Stands for the default export when that is a class: each run gets an instance.
  const CLASS = ObjectFreeze({ __proto__: null });
  const handlers = {
    __proto__: null,
    module: undefined,
    mainFunction: undefined,
    exports: undefined,
    listeners: { __proto__: null },
  };
  // The same object from before the top level on: `cloudflare:workers` exports it.
  const env = {};
  let configured = false;
  // The text bindings once more, for `process.env`; `node` is 1 for Node's modules, 2 for bare names and globals too.
  const environment = { __proto__: null, texts: {}, node: 0, fills: false, date: "", flags: "" };

  /** The error of what is asked for where no run is: at the top level there is no I/O, no timer and no randomness. */
  const outsideRun = () =>
    new Error(
      "Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope.",
    );

  /** That run; throws where there is none. */
  function runOrRefuse() {
    const run = currentRun();
    if (run === undefined) throw outsideRun();
    return run;
  }

  /** The id of that run, or 0: what ops that count something take. */
  function currentId() {
    return currentRun()?.id ?? 0;
  }

  /** What runs from here on costs this run's CPU time; whatever is not a promise job says so first. */
  const charge = (run) => op_eyot_charge(run?.id ?? 0);

  // A run holds one count for its handler and one for each body and `waitUntil` promise; at none it is over.
  function hold(run) {
    run.open++;
  }

  function release(run) {
    if (--run.open === 0 && !run.over) {
      end(run);
      op_eyot_done(run.id);
    }
  }

  /** Takes the run out; its timers must not fire in another request's time. */
  function end(run) {
    takeOut(run);
    if (run.body !== null) run.body.end();
    if (run.bodies !== null) SetPrototypeForEach(run.bodies, (body) => body.end());
    if (run.sessions !== null) loadExtScript("ext:eyot/rpc.js").abandonAll(run);
    if (run.timers !== null) {
      const { clearAll } = loadExtScript("ext:eyot/timers.js");
      clearAll(run);
    }
  }

  class ExecutionContext {
    #run;

    constructor(run) {
      this.#run = run;
      this.props = run.props === undefined ? {} : JSONParse(run.props);
    }

    /** https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil */
    waitUntil(promise) {
      waitUntil(this.#run, promise);
    }

    /** https://developers.cloudflare.com/workers/runtime-apis/context/#exports */
    get exports() {
      return loadExtScript("ext:eyot/loopbacks.js").loopbacks();
    }

    /** There is no origin behind Eyot to pass through to: accepted, and an exception stays an exception. */
    passThroughOnException() {}
  }

  loadExtScript("ext:deno_webidl/00_webidl.js").configureInterface(ExecutionContext);

  function waitUntil(run, promise) {
    if (run.over) {
      throw new TypeError("waitUntil() was called after the request had ended");
    }
    hold(run);
    PromisePrototypeThen(
      PromiseResolve(promise),
      () => release(run),
      (error) => {
        within(run, () => reportUncaught("Uncaught (in waitUntil)", error));
        release(run);
      },
    );
  }

  function reportUncaught(prefix, error) {
    op_eyot_log(currentId(), 4, `${prefix} ${describe(error)}`);
  }

  function fail(run, error) {
    if (run.isCall) {
      const { name, message } = describeParts(error);
      op_eyot_thrown(run.id, name, message);
    }
    op_eyot_fail(run.id, describe(error));
    release(run);
  }

  function respond(run, response) {
    if (!ObjectPrototypeIsPrototypeOf(ResponsePrototype, response)) {
      throw new TypeError("Incorrect type for Promise: the handler's answer is not a Response.");
    }
    const inner = toInnerResponse(response);
    if (inner.type === "error") {
      throw new TypeError("Return value from the handler is a network error (Response.error()).");
    }
    const { body } = inner;
    if (body !== null && body.unusable()) {
      throw new TypeError("Body has already been used. It can only be used once. Use tee() first if you need to read it twice.");
    }
    const isPassedOn = inner.bodyDecoded === true && body !== null && passesOn(inner, run.request);
    const headerList = isPassedOn || body === null ? inner.headerList : wireHeaderList(inner);
    const headers = flatten(headerList, inner.statusMessage);
    if (inner.status === 101 && loadExtScript("ext:eyot/websocket.js").respondWith(run, response, headers)) return;
    const format = formatOf(headerList);
    const isCodedHere = !isPassedOn && format !== null && inner.isEncoded !== true;
    if (run.method === "HEAD") {
      const length = body === null || isPassedOn || isCodedHere ? null : bodyLength(body);
      body?.cancel();
      const wanted = nullBodyStatus(inner.status) ? -1 : length ?? wireLength(headerList);
      op_eyot_respond_head(run.id, inner.status, headers, wanted);
      return;
    }
    if (body === null) {
      op_eyot_respond(run.id, inner.status, headers, null);
      return;
    }
    const length = isPassedOn ? wireLength(headerList) : isCodedHere ? null : body.length;
    if (!isCodedHere && isUntouched(body)) {
      op_eyot_respond_stream(run.id, inner.status, headers, length ?? -1, false);
      hold(run);
      loadExtScript("ext:eyot/passed_body.js").pass(run, take(body));
      return;
    }
    const content = isCodedHere ? wireBody(inner, format) : body.streamOrStatic;
    if (isReadableStream(content)) {
      op_eyot_respond_stream(run.id, inner.status, headers, length ?? lengthOf(content) ?? -1, false);
      hold(run);
      loadExtScript("ext:eyot/response_body.js").send(run, content);
    } else {
      content.consumed = true;
      op_eyot_respond(run.id, inner.status, headers, content.body);
    }
  }

  function target(run) {
    const { entrypoint } = loadExtScript("ext:eyot/entrypoints.js");
    return entrypoint(handlers.exports, run.entrypoint, () => new ExecutionContext(run), env);
  }

  function fetchHandler(run, request) {
    let { module } = handlers;
    if (run.entrypoint !== undefined || module === CLASS) {
      module = target(run);
      if (typeof module.fetch !== "function") throw new TypeError("Handler does not export a fetch() function.");
    }
    if (module !== undefined && module !== null && typeof module.fetch === "function") {
      return ReflectApply(module.fetch, module, [request, env, new ExecutionContext(run)]);
    }
    const { fetchThroughListeners } = loadExtScript("ext:eyot/events.js");
    return fetchThroughListeners(request, (promise) => waitUntil(run, promise));
  }

  const entry = {
    __proto__: null,

    /** Sets what handlers get as `env`; once for each isolate, before its first request. */
    configure(bindings, globals) {
      const { makeBinding } = loadExtScript("ext:eyot/bindings.js");
      configured = true;
      const list = JSONParse(bindings);
      for (let i = 0; i < list.length; i++) {
        const value = makeBinding(list[i], i);
        env[list[i].name] = value;
        if (list[i].type === "text" || list[i].type === "json") environment.texts[list[i].name] = list[i].value;
        if (!globals) continue;
        const ordinary = { __proto__: null, value, writable: true, enumerable: true, configurable: true };
        ObjectDefineProperty(globalThis, list[i].name, ordinary);
      }
    },

    /** Keeps the script's compatibility date and flags, a line each; before its top level. */
    compatible(date, flags) {
      environment.date = date;
      environment.flags = flags;
    },

    /** What a script that asked for Node gets besides its modules; before its top level. */
    node(hasGlobals, fills, hasTimers) {
      environment.node = hasGlobals ? 2 : 1;
      environment.fills = fills;
      if (!hasGlobals && !hasTimers) return;
      const { installNode, installNodeTimers } = loadExtScript("ext:eyot/globals.js");
      if (hasGlobals) installNode(globalThis);
      if (hasTimers) installNodeTimers(globalThis);
    },

    /** Sees to what V8 makes anew in every isolate; before its first script. */
    settle() {
      traceLimit.settle();
      loadExtScript("ext:eyot/globals.js").countWebAssembly(globalThis);
    },

    /** Takes away what V8 makes anew; right before a snapshot is taken. */
    shed: traceLimit.shed,

    /** Keeps the evaluated main module's namespace; `null` for a script that only registers listeners. */
    adopt(namespace) {
      const found = [];
      if (namespace !== null) {
        handlers.exports = namespace;
        let main = namespace.default;
        if (typeof main === "function") {
          const { isEntrypointClass } = loadExtScript("ext:eyot/entrypoints.js");
          if (isEntrypointClass(main)) {
            handlers.module = CLASS;
            main = main.prototype;
          }
        }
        if (typeof main === "object" && main !== null) {
          handlers.module ??= main;
          for (let i = 0; i < HANDLERS.length; i++) {
            if (typeof main[HANDLERS[i]] === "function") ArrayPrototypePush(found, HANDLERS[i]);
          }
        }
      }
      // A script may have methods for other scripts and nothing else.
      if (found.length === 0 && namespace !== null) {
        const { hasEntrypoints } = loadExtScript("ext:eyot/entrypoints.js");
        if (hasEntrypoints(namespace)) ArrayPrototypePush(found, "rpc");
      }
      const names = ObjectKeys(handlers.listeners);
      if (found.length === 0 && names.length === 0 && loadExtScript("ext:eyot/forms.js").adoptForm(namespace)) {
        ArrayPrototypePush(found, "fetch");
      }
      for (let i = 0; i < names.length; i++) ArrayPrototypePush(found, names[i]);
      op_eyot_handlers(found);
    },

    /** Starts a request. Everything it leads to goes back through ops. */
    request(id, method, url, headers, bodyRid, hops, entrypoint, props, connection) {
      const run = newRun(id, method, hops, entrypoint, props);
      within(run, () => {
        try {
          if (bodyRid !== 0) run.body = new IncomingBody(bodyRid - 1);
          run.request = incomingRequest(method, url, headers, run.body, connection);
          PromisePrototypeThen(
            PromiseResolve(fetchHandler(run, run.request)),
            (response) => {
              try {
                respond(run, response);
              } catch (error) {
                fail(run, error);
                return;
              }
              release(run);
            },
            (error) => fail(run, error),
          );
        } catch (error) {
          fail(run, error);
        }
      });
    },

    /** Calls a method of an entrypoint; the body is its arguments, the answer's body its result. */
    call(id, method, bodyRid, hops, entrypoint, props) {
      const run = newRun(id, "POST", hops, entrypoint, props);
      within(run, () => {
        PromisePrototypeThen(
          loadExtScript("ext:eyot/rpc_answer.js").answer(run, JSONParse(method), bodyRid - 1),
          () => release(run),
          (error) => fail(run, error),
        );
      });
    },

    /** Starts a tick or an invocation; `detail` is JSON. */
    event(id, kind, detail) {
      loadExtScript("ext:eyot/run_events.js").start(newRun(id, "POST", 0), kind, detail);
    },

    /** V8 calls this before each promise job while several runs are in flight. */
    beforeJob: () => op_eyot_charge(currentId()),

    /** A message has come from a WebSocket's wire: a text, or its bytes. */
    message: (wire, data) => loadExtScript("ext:eyot/websocket_end.js").heard(wire, data),

    /** The client has left: aborts `request.signal`. */
    abort(id) {
      const run = runOf(id);
      if (run?.request) within(run, () => abortRequest(run.request));
    },

    /** Nobody waits for this run any more. */
    forget(id) {
      const run = runOf(id);
      if (run !== undefined) end(run);
    },

    /**
     * Compiles and runs what a first request would, so that a snapshot holds it. A request of nobody is answered by a handler
     * of ours, in promise jobs that the host has run; no tenant code is called. `alone` is for a snapshot without a script, and
     * not there once the snapshot is taken: what it was to hold, it holds.
     */
    warm(alone = undefined) {
      if (alone !== undefined) loadExtScript("ext:eyot/globals.js").preload(op_eyot_names);
      const { Response } = loadExtScript("ext:eyot/response.js");
      const before = configured;
      entry.configure("[]", false);
      configured = before;
      if (alone) {
        entry.adopt({ __proto__: null, default: { __proto__: null, fetch: () => {} } });
        handlers.exports = undefined;
        handlers.module = undefined;
      }
      const { module } = handlers;
      handlers.module = {
        __proto__: null,
        fetch(request) {
          request.headers.get("accept");
          return new Response(request.url, { headers: { "content-type": "text/plain" } });
        },
      };
      entry.request(0, "GET", "https://warm.invalid/", "accept\n*/*\n", 0, 0);
      handlers.module = module;
    },
  };
  ObjectFreeze(entry);

  const running = { CLASS, ExecutionContext, fail, release, target, within };
  const isConfigured = () => configured;

  return { charge, currentId, currentRun, describe, entry, env, environment, handlers, hold, isConfigured, outsideRun,
    release, reportUncaught, runOrRefuse, running, waitUntil };
})()
