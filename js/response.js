// Response: Deno's, with what Workers adds: the WebSocket that an answer of status 101 carries, and `cf`.
//
// https://developers.cloudflare.com/workers/runtime-apis/response/: `new Response(null, { status: 101, webSocket, cf })`.
// The class shares Deno's prototype, so that every response is an instance of it wherever it was made.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ObjectDefineProperties,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptors,
    ObjectPrototypeIsPrototypeOf,
    RangeError,
    ReflectApply,
    ReflectConstruct,
    SafeWeakMap,
    TypeError,
    WeakMapPrototypeGet,
    WeakMapPrototypeSet,
  } = primordials;
  const { loadExtScript } = core;
  const { Response: DenoResponse, toInnerResponse } = loadExtScript("ext:deno_fetch/23_response.js");

  const sockets = new SafeWeakMap();
  /** `response.cf` of the responses that have one. */
  const properties = new SafeWeakMap();

  function Response(body = null, init = undefined) {
    if (new.target === undefined) throw new TypeError("Class constructor Response cannot be invoked without 'new'");
    // The prototype is the same one, so that only a subclass needs to be told of.
    const isPlain = new.target === Response;
    if (init === undefined || init === null) {
      return isPlain ? new DenoResponse(body) : ReflectConstruct(DenoResponse, [body], new.target);
    }
    const socket = init.webSocket ?? null;
    if (socket === null && init.status === 101) {
      throw new RangeError("Failed to construct 'Response': status 101 is for responses with a WebSocket.");
    }
    const { encodeBody = "automatic" } = init;
    if (encodeBody !== "automatic" && encodeBody !== "manual") {
      throw new TypeError("Failed to construct 'Response': encodeBody is neither 'automatic' nor 'manual'.");
    }
    const response = isPlain ? new DenoResponse(body, init) : ReflectConstruct(DenoResponse, [body, init], new.target);
    // One response stands in for another as the init of a third.
    if (encodeBody === "manual" || (isResponse(init) && isEncoded(init))) asItIs(response);
    if (socket !== null) {
      const { checkCarried } = loadExtScript("ext:eyot/websocket.js");
      checkCarried(socket, response.status);
      carry(response, socket);
    }
    const { cf } = init;
    if (cf !== undefined && cf !== null) WeakMapPrototypeSet(properties, response, cf);
    return response;
  }

  /** Says of a response that its body's bytes are in the form that its headers name. */
  function asItIs(response) {
    toInnerResponse(response).isEncoded = true;
    return response;
  }

  const isEncoded = (response) => toInnerResponse(response).isEncoded === true;

  const { json } = {
    json(data, init = undefined) {
      const response = ReflectApply(DenoResponse.json, DenoResponse, arguments);
      if (init !== undefined && init !== null && (init.encodeBody === "manual" || (isResponse(init) && isEncoded(init)))) {
        asItIs(response);
      }
      return response;
    },
  };

  /** Gives a response its WebSocket. */
  function carry(response, socket) {
    WeakMapPrototypeSet(sockets, response, socket);
    return response;
  }

  /** The WebSocket of a response, or null. */
  function carried(response) {
    return WeakMapPrototypeGet(sockets, response) ?? null;
  }

  const { hidden } = core.loadExtScript("ext:eyot/hidden.js");
  const shown = (value) => ({ __proto__: null, value, writable: true, enumerable: true, configurable: true });

  ObjectDefineProperties(Response, {
    prototype: { __proto__: null, value: DenoResponse.prototype, writable: false, enumerable: false, configurable: false },
    length: { __proto__: null, value: 0, writable: false, enumerable: false, configurable: true },
    error: shown(DenoResponse.error),
    json: shown(json),
    redirect: shown(DenoResponse.redirect),
  });
  ObjectDefineProperty(DenoResponse.prototype, "constructor", hidden(Response));

  const isResponse = (value) => ObjectPrototypeIsPrototypeOf(DenoResponse.prototype, value);
  const { clone } = DenoResponse.prototype;
  const members = {
    get webSocket() {
      if (!isResponse(this)) throw new TypeError("Illegal invocation");
      return carried(this);
    },
    get cf() {
      if (!isResponse(this)) throw new TypeError("Illegal invocation");
      return WeakMapPrototypeGet(properties, this);
    },
    clone() {
      if (carried(this) !== null) throw new TypeError("Cannot clone a response to a WebSocket handshake.");
      const copy = ReflectApply(clone, this, []);
      if (isEncoded(this)) asItIs(copy);
      const cf = WeakMapPrototypeGet(properties, this);
      if (cf !== undefined) WeakMapPrototypeSet(properties, copy, cf);
      return copy;
    },
  };
  const described = ObjectGetOwnPropertyDescriptors(members);
  ObjectDefineProperties(DenoResponse.prototype, {
    webSocket: { __proto__: null, get: described.webSocket.get, enumerable: true, configurable: true },
    cf: { __proto__: null, get: described.cf.get, enumerable: true, configurable: true },
    clone: { __proto__: null, value: members.clone },
  });

  return { Response, asItIs, carried, carry };
})()
