// Requests from downstream: what a handler is given, made of what the host passed on.
//
// Nothing is looked at before the script does: the headers come as one string and are taken apart on first use. The object
// stands in for the inner request of deno_fetch (https://fetch.spec.whatwg.org/#concept-request), whose own literal
// defines its accessors anew for every request.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypePush, ObjectSetPrototypeOf, StringPrototypeIndexOf, StringPrototypeSlice } = primordials;
  const { fromInnerRequest } = core.loadExtScript("ext:deno_fetch/23_request.js");

  class IncomingRequest {
    constructor(method, url, headers, body) {
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

    currentUrl() {
      if (this.urls === null) return this.address;
      const last = this.urls.length - 1;
      return this.urlListProcessed[last] ??= this.urls[last]();
    }
  }
  // Members that deno_fetch looks for and that are not there must not be found where scripts can put them.
  ObjectSetPrototypeOf(IncomingRequest.prototype, null);

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

  function incomingRequest(method, url, headers, body) {
    return fromInnerRequest(new IncomingRequest(method, url, headers, body), "immutable");
  }

  return { incomingRequest };
})()
