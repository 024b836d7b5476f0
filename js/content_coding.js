// Content coding: bodies that leave in the form that their `content-encoding` names, as they do in Workers.
//
// A script sees what the coded form holds; a response that it makes is encoded on its way out. `encodeBody: "manual"` says
// that the bytes are in that form already: of such a response the inner one has `isEncoded`.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    Promise,
    PromisePrototypeThen,
    SafeWeakMap,
    StringPrototypeToLowerCase,
    StringPrototypeTrim,
    TypeError,
  } = primordials;
  const { op_eyot_compatibility, op_eyot_fetch_as_is, op_eyot_fetch_length } = core.ops;
  const { isAnyArrayBuffer, loadExtScript } = core;
  const { isUntouched, ridOf } = loadExtScript("ext:eyot/incoming_body.js");
  const { announceLength } = loadExtScript("ext:eyot/lengths.js");
  const { isReadableStream } = loadExtScript("ext:eyot/stream_parts.js");

  // As the header names them, and as the codecs do.
  const FORMATS = { __proto__: null, br: "brotli", gzip: "gzip" };
  const NAME = "content-encoding";

  let brotli;

  /** Whether the script knows brotli as a coding of bodies; older ones write such bodies themselves. */
  function knowsBrotli() {
    if (brotli === undefined) {
      const { environment } = loadExtScript("ext:eyot/dispatch.js");
      brotli = op_eyot_compatibility(environment.date, environment.flags).brotli_content_encoding === true;
    }
    return brotli;
  }

  /** The format of a body with these headers; null where it is none of ours, or not the only one. */
  function formatOf(headerList) {
    let value = null;
    for (let i = 0; i < headerList.length; i++) {
      const header = headerList[i];
      if (header[0].length !== NAME.length || StringPrototypeToLowerCase(header[0]) !== NAME) continue;
      if (value !== null) return null;
      value = header[1];
    }
    if (value === null) return null;
    const format = FORMATS[StringPrototypeToLowerCase(StringPrototypeTrim(value))] ?? null;
    return format === "brotli" && !knowsBrotli() ? null : format;
  }

  /** A chunk of a response body as bytes; a string is one of UTF-8. */
  function bytesOf(chunk) {
    if (ArrayBufferIsView(chunk) || isAnyArrayBuffer(chunk)) return chunk;
    if (typeof chunk === "string") return core.encode(chunk);
    throw new TypeError("A response body's stream gave a chunk that is neither bytes nor a string.");
  }

  /** The stream's next chunk in an object, or null at its end. */
  function next(reader) {
    const { readableStreamDefaultReaderRead } = loadExtScript("ext:deno_web/06_streams.js");
    return new Promise((resolve, reject) =>
      readableStreamDefaultReaderRead(reader, {
        __proto__: null,
        chunkSteps: (chunk) => resolve({ __proto__: null, chunk }),
        closeSteps: () => resolve(null),
        errorSteps: reject,
      })
    );
  }

  /** A stream of what a codec makes of another one, which is not touched before this one is. */
  function coded(source, format, decompress) {
    const streams = loadExtScript("ext:deno_web/06_streams.js");
    const { codecOf } = loadExtScript("ext:eyot/codecs.js");
    let reader = null, to, hasPut;
    const codec = codecOf(format, decompress, (output) => {
      hasPut = true;
      streams.readableByteStreamControllerEnqueue(to, output);
    });
    async function pull(controller) {
      reader ??= streams.acquireReadableStreamDefaultReader(source);
      to = controller;
      hasPut = false;
      try {
        while (!hasPut) {
          const read = await next(reader);
          if (read === null) {
            codec.finish();
            streams.readableByteStreamControllerClose(controller);
            if (streams.readableStreamHasBYOBReader(stream) && streams.readableStreamGetNumReadIntoRequests(stream) > 0) {
              streams.readableByteStreamControllerRespond(controller, 0);
            }
            return;
          }
          codec.feed(bytesOf(read.chunk));
        }
      } catch (error) {
        codec.drop();
        PromisePrototypeThen(streams.readableStreamCancel(source, error), undefined, () => {});
        throw error;
      }
    }
    function cancel(reason) {
      codec.drop();
      return streams.readableStreamCancel(source, reason);
    }
    const stream = streams.createReadableByteStream(() => {}, pull, cancel);
    return stream;
  }

  /** The stream in this form. */
  const encoded = (stream, format) => coded(stream, format, false);

  // What is behind a decoded stream.
  const sources = new SafeWeakMap();

  /** What a stream in this form holds. */
  function decoded(source, format) {
    const stream = coded(source, format, true);
    sources.set(stream, { __proto__: null, source, format });
    return stream;
  }

  /** What is behind a stream of this form that nobody has read of, if it is decoded here; it is read now. */
  function takeSource(stream, format) {
    const behind = sources.get(stream);
    if (behind === undefined || behind.format !== format) return null;
    const { acquireReadableStreamDefaultReader, readableStreamDisturb } = loadExtScript("ext:deno_web/06_streams.js");
    acquireReadableStreamDefaultReader(stream);
    readableStreamDisturb(stream);
    return behind.source;
  }

  /** Whether a stream is the body of an answer to `fetch` that nobody has read of, and now stays in this form. */
  function staysAsIs(stream, format, accepted) {
    const { getReadableStreamResourceBacking } = loadExtScript("ext:deno_web/06_streams.js");
    const backing = getReadableStreamResourceBacking(stream);
    if (backing?.autoClose !== true || !op_eyot_fetch_as_is(backing.rid, format, accepted)) return false;
    const length = op_eyot_fetch_length(backing.rid);
    if (length !== -1) announceLength(stream, length);
    return true;
  }

  /** The body of an inner response in the form that its headers name: a stream. */
  function wireBody(inner, format) {
    const { body } = inner;
    const { streamOrStatic } = body;
    if (isReadableStream(streamOrStatic)) {
      if (staysAsIs(streamOrStatic, format, "gzip, br")) return streamOrStatic;
      const source = takeSource(streamOrStatic, format);
      if (source !== null) return source;
    }
    return encoded(body.stream, format);
  }

  /**
   * Whether the answer to a `fetch` can go on to who asked as it came, whose `accept-encoding` has its coding. Otherwise it is
   * decoded on its way, and its headers say nothing of a coding.
   */
  function passesOn(inner, request) {
    const format = formatOf(inner.headerList);
    if (format === null || request === undefined) return false;
    const { toInnerRequest } = loadExtScript("ext:deno_fetch/23_request.js");
    const { headerList } = toInnerRequest(request);
    let accepted = "";
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) === "accept-encoding") accepted += `,${headerList[i][1]}`;
    }
    if (isUntouched(inner.body)) return op_eyot_fetch_as_is(ridOf(inner.body), format, accepted);
    const stream = inner.body.streamOrStatic;
    return isReadableStream(stream) && staysAsIs(stream, format, accepted);
  }

  /** The body of an inner response as a script sees one of its own: a stream. */
  function plainBody(inner) {
    const format = inner.isEncoded === true ? formatOf(inner.headerList) : null;
    return format === null ? inner.body.stream : coded(inner.body.stream, format, true);
  }

  return { bytesOf, decoded, formatOf, knowsBrotli, passesOn, plainBody, wireBody };
})()
