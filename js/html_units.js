// What the handlers of an HTMLRewriter are called with: elements, their end tags, text, comments, the doctype, the end.
//
// https://developers.cloudflare.com/workers/runtime-apis/html-rewriter/. A unit is the parser's own, in the midst of its
// work: it can be used until its handler has settled, then every member throws.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperty, ObjectPrototypeIsPrototypeOf, SymbolIterator, SymbolToStringTag, TypeError } = primordials;
  const {
    op_eyot_html_attribute,
    op_eyot_html_attribute_at,
    op_eyot_html_attribute_remove,
    op_eyot_html_attribute_set,
    op_eyot_html_content,
    op_eyot_html_end_tag,
    op_eyot_html_get,
    op_eyot_html_remove,
    op_eyot_html_set,
    op_eyot_html_stream,
  } = core.ops;
  const { loadExtScript } = core;
  const webidl = loadExtScript("ext:deno_webidl/00_webidl.js");
  const { ResponsePrototype, toInnerResponse } = loadExtScript("ext:deno_fetch/23_response.js");
  const { ReadableStreamPrototype, acquireReadableStreamDefaultReader } = loadExtScript("ext:deno_web/06_streams.js");

  const kUnit = {};
  const NO_LONGER =
    "This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.";

  /** What all units are: of one rewriting, and valid while their handler runs. */
  class Unit {
    #rewriting;

    constructor(brand = undefined, rewriting = undefined) {
      if (brand !== kUnit) webidl.illegalConstructor();
      this.#rewriting = rewriting;
    }

    static rewritingOf(unit) {
      const rewriting = unit.#rewriting;
      if (rewriting.unit !== unit) throw new TypeError(NO_LONGER);
      return rewriting;
    }
  }
  const { rewritingOf } = Unit;
  delete Unit.rewritingOf;

  const get = (unit, property) => op_eyot_html_get(rewritingOf(unit).parser, property);
  const set = (unit, property, value) => {
    value = `${value}`;
    op_eyot_html_set(rewritingOf(unit).parser, property, value);
  };

  /** The stream of what is neither a string nor to become one. */
  function streamOf(value) {
    if (typeof value !== "object" || value === null) return null;
    if (ObjectPrototypeIsPrototypeOf(ReadableStreamPrototype, value)) {
      if (value.locked) throw new TypeError("The ReadableStream is locked.");
      return value;
    }
    if (!ObjectPrototypeIsPrototypeOf(ResponsePrototype, value)) return null;
    const { body } = toInnerResponse(value);
    if (body?.unusable()) throw new TypeError("Body has already been used.");
    return body === null ? "" : body.stream;
  }

  function insert(unit, place, args) {
    if (args.length === 0) {
      throw new TypeError(`Failed to execute '${place}': parameter 1 is not of type 'string or ReadableStream or Response'.`);
    }
    const html = !!args[1]?.html;
    const stream = streamOf(args[0]);
    if (stream === null || stream === "") {
      const content = stream ?? `${args[0]}`;
      op_eyot_html_content(rewritingOf(unit).parser, place, content, html);
      return unit;
    }
    const rewriting = rewritingOf(unit);
    const number = rewriting.expect({ __proto__: null, html, reader: acquireReadableStreamDefaultReader(stream) });
    op_eyot_html_stream(rewriting.parser, place, number, html);
    return unit;
  }

  function remove(unit, keepContent) {
    op_eyot_html_remove(rewritingOf(unit).parser, keepContent);
    return unit;
  }

  /** Name and value of each attribute, one after the other. */
  class AttributesIterator {
    #element;
    #at = 0;

    constructor(brand = undefined, element = undefined) {
      if (brand !== kUnit) webidl.illegalConstructor();
      this.#element = element;
    }

    next() {
      const value = op_eyot_html_attribute_at(rewritingOf(this.#element).parser, this.#at);
      if (value === null) return { done: true, value: undefined };
      this.#at++;
      return { done: false, value };
    }

    [SymbolIterator]() {
      return this;
    }
  }

  class Element extends Unit {
    get tagName() {
      return get(this, "tagName");
    }

    set tagName(name) {
      set(this, "tagName", name);
    }

    get attributes() {
      rewritingOf(this);
      return new AttributesIterator(kUnit, this);
    }

    get removed() {
      return get(this, "removed") !== null;
    }

    get namespaceURI() {
      return get(this, "namespaceURI");
    }

    getAttribute(name) {
      name = `${name}`;
      return op_eyot_html_attribute(rewritingOf(this).parser, name);
    }

    hasAttribute(name) {
      name = `${name}`;
      return op_eyot_html_attribute(rewritingOf(this).parser, name) !== null;
    }

    setAttribute(name, value) {
      name = `${name}`;
      value = `${value}`;
      op_eyot_html_attribute_set(rewritingOf(this).parser, name, value);
      return this;
    }

    removeAttribute(name) {
      name = `${name}`;
      op_eyot_html_attribute_remove(rewritingOf(this).parser, name);
      return this;
    }

    before(..._content) {
      return insert(this, "before", arguments);
    }

    after(..._content) {
      return insert(this, "after", arguments);
    }

    prepend(..._content) {
      return insert(this, "prepend", arguments);
    }

    append(..._content) {
      return insert(this, "append", arguments);
    }

    replace(..._content) {
      return insert(this, "replace", arguments);
    }

    setInnerContent(..._content) {
      return insert(this, "setInnerContent", arguments);
    }

    remove() {
      return remove(this, false);
    }

    removeAndKeepContent() {
      return remove(this, true);
    }

    onEndTag(handler) {
      if (typeof handler !== "function") {
        throw new TypeError("Failed to execute 'onEndTag' on 'Element': parameter 1 is not of type 'Function'.");
      }
      const rewriting = rewritingOf(this);
      const number = rewriting.expect({ __proto__: null, handler, self: undefined, Kind: EndTag });
      op_eyot_html_end_tag(rewriting.parser, number);
    }
  }

  class EndTag extends Unit {
    get name() {
      return get(this, "name");
    }

    set name(name) {
      set(this, "name", name);
    }

    before(..._content) {
      return insert(this, "before", arguments);
    }

    after(..._content) {
      return insert(this, "after", arguments);
    }

    remove() {
      return remove(this, false);
    }
  }

  class Comment extends Unit {
    get text() {
      return get(this, "text");
    }

    set text(text) {
      set(this, "text", text);
    }

    get removed() {
      return get(this, "removed") !== null;
    }

    before(..._content) {
      return insert(this, "before", arguments);
    }

    after(..._content) {
      return insert(this, "after", arguments);
    }

    replace(..._content) {
      return insert(this, "replace", arguments);
    }

    remove() {
      return remove(this, false);
    }
  }

  class Text extends Unit {
    get text() {
      return get(this, "text");
    }

    get lastInTextNode() {
      return get(this, "lastInTextNode") !== null;
    }

    get removed() {
      return get(this, "removed") !== null;
    }

    before(..._content) {
      return insert(this, "before", arguments);
    }

    after(..._content) {
      return insert(this, "after", arguments);
    }

    replace(..._content) {
      return insert(this, "replace", arguments);
    }

    remove() {
      return remove(this, false);
    }
  }

  class Doctype extends Unit {
    get name() {
      return get(this, "name");
    }

    get publicId() {
      return get(this, "publicId");
    }

    get systemId() {
      return get(this, "systemId");
    }
  }

  class DocumentEnd extends Unit {
    append(content, options = undefined) {
      content = `${content}`;
      const html = !!options?.html;
      op_eyot_html_content(rewritingOf(this).parser, "append", content, html);
      return this;
    }
  }

  const named = [Element, EndTag, Comment, Text, Doctype, DocumentEnd, AttributesIterator];
  for (let i = 0; i < named.length; i++) {
    const tag = { __proto__: null, value: named[i].name, writable: false, enumerable: false, configurable: true };
    ObjectDefineProperty(named[i].prototype, SymbolToStringTag, tag);
  }

  const makeUnit = (Kind, rewriting) => new Kind(kUnit, rewriting);

  return { Comment, Doctype, DocumentEnd, Element, EndTag, Text, makeUnit };
})()
