// Requests from downstream: what a handler is given, made of what the host passed on.
//
// Nothing is looked at before the script does: the headers come as one string and are taken apart on first use. The object
// stands in for the inner request of deno_fetch (https://fetch.spec.whatwg.org/#concept-request), whose own literal
// defines its accessors anew for every request.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ObjectSetPrototypeOf,
    ReflectApply,
    SafeWeakMap,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeSplit,
    StringPrototypeToLowerCase,
    WeakMapPrototypeGet,
    WeakMapPrototypeHas,
    WeakMapPrototypeSet,
  } = primordials;
  const { Request, fromInnerRequest, toInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");

  /** `request.cf` of the requests that have one. */
  const properties = new SafeWeakMap();

  class IncomingRequest {
    /** What is known of the client's connection, in three lines. */
    #connection;

    constructor(method, url, headers, body, connection) {
      this.#connection = connection;
      this.method = method;
      this.address = url;
      this.urls = null;
      this.urlsRead = null;
      this.headers = headers;
      this.list = null;
      this.body = body;
      // A redirect that a script passes on is the client's to follow.
      this.redirectMode = "manual";
      this.redirectCount = 0;
      this.clientRid = null;
      this.blobUrlEntry = null;
    }

    get headerList() {
      return this.list ??= headerList(this.headers);
    }

    set headerList(list) {
      this.list = list;
    }

    get urlList() {
      return this.urls ??= [() => this.address];
    }

    get urlListProcessed() {
      return this.urlsRead ??= [this.address];
    }

    url() {
      return this.address;
    }

    static connectionOf(inner) {
      return #connection in inner ? inner.#connection : undefined;
    }

    currentUrl() {
      if (this.urls === null) return this.address;
      const last = this.urls.length - 1;
      return this.urlListProcessed[last] ??= this.urls[last]();
    }
  }
  // Members that deno_fetch looks for and that are not there must not be found where scripts can put them.
  ObjectSetPrototypeOf(IncomingRequest.prototype, null);
  const { connectionOf } = IncomingRequest;
  delete IncomingRequest.connectionOf;

  /** Takes "name\nvalue\n" after "name\nvalue\n" apart. */
  function headerList(text) {
    const list = [];
    let at = 0;
    while (at < text.length) {
      const nameEnd = StringPrototypeIndexOf(text, "\n", at);
      const valueEnd = StringPrototypeIndexOf(text, "\n", nameEnd + 1);
      ArrayPrototypePush(list, [
        StringPrototypeSlice(text, at, nameEnd),
        StringPrototypeSlice(text, nameEnd + 1, valueEnd),
      ]);
      at = valueEnd + 1;
    }
    return list;
  }

  function incomingRequest(method, url, headers, body, connection) {
    return fromInnerRequest(new IncomingRequest(method, url, headers, body, connection), "immutable");
  }

  /** What we know of https://developers.cloudflare.com/workers/runtime-apis/request/#incomingrequestcfproperties. */
  function describeConnection(inner) {
    const connection = connectionOf(inner);
    if (connection === undefined) return undefined;
    const { 0: httpProtocol, 1: tlsVersion, 2: tlsCipher } = StringPrototypeSplit(connection, "\n");
    const cf = { httpProtocol };
    if (tlsVersion !== "") {
      cf.tlsVersion = tlsVersion;
      cf.tlsCipher = tlsCipher;
    }
    const { headerList } = inner;
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) === "accept-encoding") cf.clientAcceptEncoding = headerList[i][1];
    }
    return cf;
  }

  function cfOf(request) {
    if (!WeakMapPrototypeHas(properties, request)) {
      WeakMapPrototypeSet(properties, request, describeConnection(toInnerRequest(request)));
    }
    return WeakMapPrototypeGet(properties, request);
  }

  /** Gives a request its `cf`. */
  function carryCf(request, cf) {
    WeakMapPrototypeSet(properties, request, cf);
    return request;
  }

  const { clone } = Request.prototype;
  const members = {
    get cf() {
      return cfOf(this);
    },
    clone() {
      return carryCf(ReflectApply(clone, this, []), cfOf(this));
    },
  };
  ObjectDefineProperty(Request.prototype, "cf", {
    __proto__: null,
    get: ObjectGetOwnPropertyDescriptor(members, "cf").get,
    enumerable: true,
    configurable: true,
  });
  ObjectDefineProperty(Request.prototype, "clone", { __proto__: null, value: members.clone });

  return { carryCf, cfOf, incomingRequest };
})()
