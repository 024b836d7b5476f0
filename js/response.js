// Response: Deno's, with the WebSocket that an answer of status 101 carries.
//
// https://developers.cloudflare.com/workers/runtime-apis/response/: `new Response(null, { status: 101, webSocket })`.
// The class shares Deno's prototype, so that every response is an instance of it wherever it was made.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ObjectDefineProperties,
    ObjectDefineProperty,
    ReflectConstruct,
    SafeWeakMap,
    TypeError,
    WeakMapPrototypeGet,
    WeakMapPrototypeSet,
  } = primordials;
  const { loadExtScript } = core;
  const { Response: DenoResponse } = loadExtScript("ext:deno_fetch/23_response.js");

  const sockets = new SafeWeakMap();

  function Response(body = null, init = undefined) {
    if (new.target === undefined) throw new TypeError("Class constructor Response cannot be invoked without 'new'");
    // The prototype is the same one, so that only a subclass needs to be told of.
    const isPlain = new.target === Response;
    const response = isPlain ? new DenoResponse(body, init) : ReflectConstruct(DenoResponse, [body, init], new.target);
    const socket = init?.webSocket;
    if (socket !== undefined && socket !== null) {
      const { checkCarried } = loadExtScript("ext:eyot/websocket.js");
      checkCarried(socket, response.status);
      carry(response, socket);
    }
    return response;
  }

  /** Gives a response its WebSocket. */
  function carry(response, socket) {
    WeakMapPrototypeSet(sockets, response, socket);
    return response;
  }

  /** The WebSocket of a response, or null. */
  function carried(response) {
    return WeakMapPrototypeGet(sockets, response) ?? null;
  }

  const hidden = (value) => ({ __proto__: null, value, writable: true, enumerable: false, configurable: true });
  const shown = (value) => ({ __proto__: null, value, writable: true, enumerable: true, configurable: true });

  ObjectDefineProperties(Response, {
    prototype: { __proto__: null, value: DenoResponse.prototype, writable: false, enumerable: false, configurable: false },
    length: { __proto__: null, value: 0, writable: false, enumerable: false, configurable: true },
    error: shown(DenoResponse.error),
    json: shown(DenoResponse.json),
    redirect: shown(DenoResponse.redirect),
  });
  ObjectDefineProperty(DenoResponse.prototype, "constructor", hidden(Response));
  ObjectDefineProperty(DenoResponse.prototype, "webSocket", {
    __proto__: null,
    get() {
      return carried(this);
    },
    enumerable: true,
    configurable: true,
  });

  return { Response, carried, carry };
})()
