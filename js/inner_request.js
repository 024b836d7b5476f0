// Inner requests: what a Request that a script makes stands for, https://fetch.spec.whatwg.org/#concept-request.
//
// deno_fetch makes one as an object literal with accessors, which V8 defines at run time for every request.
(function () {
  const { ObjectSetPrototypeOf, TypeError } = __bootstrap.primordials;

  /** What a lazy part gives, unless what is behind it is gone. */
  function partOf(lazy, message) {
    try {
      return lazy();
    } catch {
      throw new TypeError(message);
    }
  }

  class InnerRequest {
    #headerList = null;
    #listHeaders;

    constructor(method, url, listHeaders, body, blobUrlEntry) {
      this.#listHeaders = listHeaders;
      this.method = method;
      this.body = body;
      this.redirectMode = "follow";
      this.redirectCount = 0;
      this.urlList = [typeof url === "string" ? () => url : url];
      this.urlListProcessed = [];
      this.clientRid = null;
      this.blobUrlEntry = blobUrlEntry;
    }

    get headerList() {
      return this.#headerList ??= partOf(this.#listHeaders, "Cannot read headers: request closed");
    }

    set headerList(list) {
      this.#headerList = list;
    }

    url() {
      return this.urlListProcessed[0] ??= partOf(this.urlList[0], "cannot read url: request closed");
    }

    currentUrl() {
      const last = this.urlList.length - 1;
      return this.urlListProcessed[last] ??= partOf(this.urlList[last], "Cannot read url: request closed");
    }
  }
  // Members that deno_fetch looks for and that are not there must not be found where scripts can put them.
  ObjectSetPrototypeOf(InnerRequest.prototype, null);

  return { InnerRequest };
})()
