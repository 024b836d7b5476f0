// Multipart form data, read: https://andreubotella.github.io/multipart-form-data/#multipart-form-data-parser, which
// fetch's `formData()` runs (https://fetch.spec.whatwg.org/#dom-body-formdata), in place of Deno's.
//
// What stands before the first boundary is passed over and so is blank space after one, as RFC 2046 asks of receivers.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    RegExpPrototypeTest,
    SafeRegExp,
    StringFromCharCode,
    StringPrototypeReplaceAll,
    StringPrototypeToLowerCase,
    TypeError,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeSubarray,
  } = primordials;
  const { File } = core.loadExtScript("ext:deno_web/09_file.js");
  const { FormData } = core.loadExtScript("ext:deno_fetch/21_formdata.js");
  const { append } = FormData.prototype;
  const { ReflectApply } = primordials;

  const TAB = 9, LF = 10, CR = 13, SPACE = 32, QUOTE = 34, DASH = 45, COLON = 58, SEMICOLON = 59, EQUALS = 61;
  const HEADER_BYTES_MAX = 16 * 1024;
  const TOKEN = new SafeRegExp(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/);
  const ASCII = new SafeRegExp(/^[\x00-\x7f]*$/);

  function failure() {
    return new TypeError("The body cannot be parsed as multipart form data.");
  }

  class Reader {
    constructor(bytes, boundary) {
      this.bytes = bytes;
      this.length = TypedArrayPrototypeGetByteLength(bytes);
      this.mark = core.encode(`--${boundary}`);
      this.markLength = TypedArrayPrototypeGetByteLength(this.mark);
      this.at = 0;
    }

    /** Past the boundary that begins at `at`: whether it is the last. Undefined, and nothing moves, where there is none. */
    boundary(at) {
      for (let i = 0; i < this.markLength; i++) {
        if (this.bytes[at + i] !== this.mark[i]) return undefined;
      }
      at += this.markLength;
      const isLast = this.bytes[at] === DASH && this.bytes[at + 1] === DASH;
      if (isLast) at += 2;
      while (this.bytes[at] === SPACE || this.bytes[at] === TAB) at++;
      if (this.bytes[at] === CR && this.bytes[at + 1] === LF) at += 2;
      else if (!isLast || at !== this.length) return undefined;
      this.at = at;
      return isLast;
    }

    /** Moves past the first boundary. */
    first() {
      for (let at = 0; at < this.length; at++) {
        if (at !== 0 && (this.bytes[at - 2] !== CR || this.bytes[at - 1] !== LF)) continue;
        const isLast = this.boundary(at);
        if (isLast !== undefined) return isLast;
      }
      throw failure();
    }

    /** The bytes up to the next boundary, and whether that one is the last. */
    content() {
      const start = this.at;
      for (let at = start; at < this.length; at++) {
        if (this.bytes[at] !== CR || this.bytes[at + 1] !== LF) continue;
        const isLast = this.boundary(at + 2);
        if (isLast !== undefined) {
          return { __proto__: null, bytes: TypedArrayPrototypeSubarray(this.bytes, start, at), isLast };
        }
      }
      throw failure();
    }

    skipBlank() {
      while (this.bytes[this.at] === SPACE || this.bytes[this.at] === TAB) this.at++;
    }

    /** Text up to a byte for which `ends` is true, each byte a character. */
    until(ends) {
      const start = this.at;
      while (this.at < this.length && !ends(this.bytes[this.at])) this.at++;
      let text = "";
      for (let i = start; i < this.at; i++) text += StringFromCharCode(this.bytes[i]);
      return text;
    }

    /** A value in quotation marks, in which three characters are percent-encoded, or a token. */
    value() {
      if (this.bytes[this.at] !== QUOTE) return this.until((byte) => byte === SEMICOLON || byte === CR || byte === SPACE);
      const start = ++this.at;
      while (this.at < this.length && this.bytes[this.at] !== QUOTE) this.at++;
      if (this.at >= this.length) throw failure();
      let text = core.decode(TypedArrayPrototypeSubarray(this.bytes, start, this.at));
      this.at++;
      text = StringPrototypeReplaceAll(text, "%0A", "\n");
      text = StringPrototypeReplaceAll(text, "%0D", "\r");
      return StringPrototypeReplaceAll(text, "%22", '"');
    }

    disposition(part) {
      this.skipBlank();
      const kind = this.until((byte) => byte === SEMICOLON || byte === CR || byte === SPACE);
      if (StringPrototypeToLowerCase(kind) !== "form-data") throw failure();
      for (;;) {
        this.skipBlank();
        if (this.bytes[this.at] !== SEMICOLON) return;
        this.at++;
        this.skipBlank();
        const key = StringPrototypeToLowerCase(
          this.until((byte) => byte === EQUALS || byte === SEMICOLON || byte === CR || byte === SPACE),
        );
        if (this.bytes[this.at] !== EQUALS) continue;
        this.at++;
        const value = this.value();
        if (key === "name") part.name ??= value;
        else if (key === "filename") part.filename ??= value;
      }
    }

    /** The headers of a part, to the empty line that ends them. */
    headers() {
      const part = { __proto__: null, name: undefined, filename: undefined, type: undefined };
      const start = this.at;
      while (this.bytes[this.at] !== CR) {
        const name = this.until((byte) => byte === COLON || byte === CR || byte === LF);
        if (this.bytes[this.at] !== COLON || !RegExpPrototypeTest(TOKEN, name)) throw failure();
        this.at++;
        const lower = StringPrototypeToLowerCase(name);
        if (lower === "content-disposition") this.disposition(part);
        this.skipBlank();
        const rest = this.until((byte) => byte === CR || byte === LF);
        if (lower === "content-type") part.type = rest;
        this.line();
        if (this.at - start > HEADER_BYTES_MAX) throw new TypeError("Multipart part headers are too large");
      }
      this.line();
      if (part.name === undefined) throw failure();
      return part;
    }

    line() {
      if (this.bytes[this.at] !== CR || this.bytes[this.at + 1] !== LF) throw failure();
      this.at += 2;
    }
  }

  /** The form data in these bytes. */
  function parseFormData(bytes, boundary) {
    if (!boundary) throw new TypeError("Cannot turn into form data: the MIME type of multipart form data names no boundary.");
    const form = new FormData();
    const reader = new Reader(bytes, boundary);
    let isLast = reader.first();
    while (!isLast) {
      const { name, filename, type = "text/plain" } = reader.headers();
      const content = reader.content();
      isLast = content.isLast;
      const value = filename === undefined
        ? core.decode(content.bytes)
        : new File([content.bytes], filename, { __proto__: null, type: RegExpPrototypeTest(ASCII, type) ? type : "" });
      ReflectApply(append, form, [name, value]);
    }
    return form;
  }

  return { parseFormData };
})()
