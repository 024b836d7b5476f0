//! What we change in Deno's sources, text by text.

use crate::streams;

/// What we change in Deno's sources, because no script of ours runs before them: specifier, theirs, ours.
///
/// - What a request says of the scripts it has passed through is put in at the last moment, after any code of a script's.
/// - A new file is as old as the entry that runs, not as V8's clock, which moves while JavaScript runs.
/// - The origin of a `blob:` URL is that of the URL inside only where that one is of HTTP.
/// - Patterns are of the kind that the standard has, with sets, or of the older kind where they are not valid as that;
///   matching without an input is allowed.
/// - A body's blob has the body's MIME type as it is written; what `Blob` is constructed with is put into lower case.
/// - A body made of a string or of bytes is a byte stream too.
/// - Streams are loaded when a body first is one.
/// - No page has a location, which URLs would be relative to, and no script has one of Deno's HTTP clients: neither is loaded, nor
///   the sockets and TLS behind the latter, and `client` means nothing in a request's options.
/// - Text has no byte order mark, and multipart form data is read by ours.
/// - A request's `duplex` and `window` are looked at.
/// - A quoted parameter of a MIME type may be empty and still be the first.
/// - A promise of the host's is awaited and not returned where a script's `then` would be handed what settles another.
/// - What an event keeps is shown to ours. An exception that is reported is logged where nobody listens, as in Workers, and
///   ends nothing; it has a trusted event. An event that was dispatched has its flags as before, and a
///   listener's `handleEvent` is looked up once.
/// - Streams that are made here have no member that a script puts on `Object.prototype`; an iterator of a stream has a
///   name and rejects for another's `this`; a sink's `type` may not be null either; and `readAtLeast` is Workers'.
/// - `Headers.getAll` is Workers' as well. A record's symbol keys are refused, not left out.
/// - A redirect's target is UTF-8 if it can be, a status line's words are kept, and a stream whose length is known says it.
/// - A `blob:` URL is asked for ranges too.
/// - A multipart body's last line has an end. Revoking what is no URL does nothing.
/// - A transformer's `cancel` takes the turns that its promise does, so that an error of its controller comes before its end.
/// - A stream is made of a string's characters too; whoever enqueues into a pipe does not find the sink's `write` called
///   meanwhile; and every view that what was enqueued fills is filled before any reader is told.
/// - What a body holds, and an inner response, is handed on in an object without a prototype, so that no promise asks it for
///   `Object.prototype.then`.
/// - What a performance observer can see is one array, single types add up and do not mix with several; several are any
///   sequence, entries are told in the order they begin, and how many were dropped the first time. A measure of options has
///   a start or an end, and null is no options.
/// - What exceeded a quota was not less than it.
/// - Long lists of search parameters are read piece by piece.
/// - A stream that is read whole is read by ours, which counts it.
/// - A stream that is being sent is cancelled with the reason why its request was aborted.
///
/// Symbols are changed by `hidden` besides.
pub(crate) const CHANGES: &[(&str, &str, &str)] = &[
    ("ext:deno_web/09_file.js", "DatePrototypeGetTime(new Date())", "core.ops.op_eyot_now()"),
    (
        "ext:deno_web/09_file.js",
        "new ReadableStream({\n      type: \"bytes\",",
        "new ReadableStream({\n      __proto__: null,\n      type: \"bytes\",",
    ),
    ("ext:deno_web/09_file.js", "class BlobReference {", "class BlobReference {\n  size;"),
    // No bytes are kept nowhere: libraries ask at the top level whether there are blobs, and a snapshot could not hold a part.
    (
        "ext:deno_web/09_file.js",
        "    const id = op_blob_create_part(data);\n",
        "    if (TypedArrayPrototypeGetByteLength(data) === 0) return new Blob();\n    const id = op_blob_create_part(data);\n",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "  const locationURL = new URL(\n    locationHeaders[0][1],",
        "  const locationURL = new URL(\n    core.loadExtScript(\"ext:eyot/hops.js\").locationOf(locationHeaders[0][1]),",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "    statusMessage: resp.statusText,",
        "    statusMessage: core.ops.op_eyot_subrequest_phrase(resp.responseRid) ?? resp.statusText,",
    ),
    (
        "ext:deno_fetch/22_body.js",
        "      length = knownLength ?? null;",
        "      length = knownLength ?? core.loadExtScript(\"ext:eyot/lengths.js\").lengthOf(object) ?? null;",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "    const body = new InnerBody(req.blobUrlEntry.stream());\n",
        "    const answer = core.loadExtScript(\"ext:eyot/blob_range.js\").answerOf(req.blobUrlEntry, req.headerList);
    if (answer === null) return networkError(\"The blob has no such range\");
    const body = new InnerBody(answer.stream);\n",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "      headerList: [
        [\"content-length\", String(req.blobUrlEntry.size)],
        [\"content-type\", req.blobUrlEntry.type],
      ],
      status: 200,
      statusMessage: \"OK\",
",
        "      __proto__: null,
      headerList: answer.headers,
      status: answer.status,
      statusMessage: answer.statusMessage,
",
    ),
    (
        "ext:deno_web/09_file.js",
        "  op_blob_revoke_object_url(url);",
        "  try {
    op_blob_revoke_object_url(url);
  } catch {
    // Not a URL.
  }",
    ),
    ("ext:deno_web/06_streams.js", streams::READER_DEFAULTS.0, streams::READER_DEFAULTS.1),
    (
        "ext:deno_web/06_streams.js",
        "      : {};\n    this[_brand] = _brand;\n\n    initializeReadableStream(this);",
        "      : { __proto__: null };\n    this[_brand] = _brand;\n\n    initializeReadableStream(this);",
    ),
    (
        "ext:deno_web/06_streams.js",
        "      : {};\n    this[_brand] = _brand;\n    if (underlyingSink === undefined) {",
        "      : { __proto__: null };\n    this[_brand] = _brand;\n    if (underlyingSink === undefined) {",
    ),
    ("ext:deno_web/06_streams.js", "underlyingSinkDict.type != null", "underlyingSinkDict.type !== undefined"),
    (
        "ext:deno_web/06_streams.js",
        "    cancelAlgorithm = (reason) =>
      webidl.invokeCallbackFunction(
        transformerDict.cancel,
        [reason],
        transformer,
        webidl.converters[\"Promise<undefined>\"],
        \"Failed to execute 'cancelAlgorithm' on 'TransformStreamDefaultController'\",
        true,
      );",
        "    cancelAlgorithm = (reason) =>
      resolvePromiseWith(webidl.invokeCallbackFunction(
        transformerDict.cancel,
        [reason],
        transformer,
        webidl.converters[\"Promise<undefined>\"],
        \"Failed to execute 'cancelAlgorithm' on 'TransformStreamDefaultController'\",
        true,
      ));",
    ),
    (
        "ext:deno_web/06_streams.js",
        "    asyncIterable = webidl.converters[\"async_sequence<any>\"](
      asyncIterable,",
        "    asyncIterable = webidl.converters[\"async_sequence<any>\"](
      typeof asyncIterable === \"string\" ? primordials.Object(asyncIterable) : asyncIterable,",
    ),
    (
        "ext:deno_web/06_streams.js",
        "      readableStreamClose(stream);\n      return buf;\n",
        "      readableStreamClose(stream);\n      return { __proto__: null, bytes: buf };\n",
    ),
    (
        "ext:deno_web/06_streams.js",
        "const promise = op_read_all(resourceBacking.rid);",
        "const promise = core.ops.op_eyot_read_all(resourceBacking.rid);",
    ),
    ("ext:deno_web/06_streams.js", "  return finalBuffer;\n", "  return { __proto__: null, bytes: finalBuffer };\n"),
    (
        "ext:deno_fetch/22_body.js",
        "      this.streamOrStatic.consumed = true;\n      return this.streamOrStatic.body;\n",
        "      this.streamOrStatic.consumed = true;\n      return { __proto__: null, bytes: this.streamOrStatic.body };\n",
    ),
    (
        "ext:deno_fetch/22_body.js",
        "await object[bodySymbol].consume()",
        "(await object[bodySymbol].consume(type)).bytes",
    ),
    ("ext:deno_web/06_streams.js", streams::PIPE_WRITE.0, streams::PIPE_WRITE.1),
    ("ext:deno_web/06_streams.js", streams::PIPE_TAKE.0, streams::PIPE_TAKE.1),
    ("ext:deno_web/06_streams.js", streams::FILL_ALL.0, streams::FILL_ALL.1),
    ("ext:deno_web/06_streams.js", streams::FILL_ENQUEUED.0, streams::FILL_ENQUEUED.1),
    ("ext:deno_web/06_streams.js", streams::FILL_DETACHED.0, streams::FILL_DETACHED.1),
    ("ext:deno_web/06_streams.js", streams::FILL_ANSWERED.0, streams::FILL_ANSWERED.1),
    (
        "ext:deno_web/06_streams.js",
        "  next() {\n    /** @type {ReadableStreamDefaultReader} */",
        "  next() {\n    if (typeof this?.[_preventCancel] !== \"boolean\") return PromiseReject(new TypeError(\"Illegal invocation\"));\n    /** @type {ReadableStreamDefaultReader} */",
    ),
    (
        "ext:deno_web/06_streams.js",
        "  return(arg) {\n    /** @type {ReadableStreamDefaultReader} */",
        "  return(arg) {\n    if (typeof this?.[_preventCancel] !== \"boolean\") return PromiseReject(new TypeError(\"Illegal invocation\"));\n    /** @type {ReadableStreamDefaultReader} */",
    ),
    (
        "ext:deno_web/06_streams.js",
        "}, asyncIteratorPrototype);\n\nclass ByteLengthQueuingStrategy {",
        "}, asyncIteratorPrototype);
ObjectDefineProperty(readableStreamAsyncIteratorPrototype, primordials.SymbolToStringTag, {
  __proto__: null,
  value: \"ReadableStream AsyncIterator\",
  configurable: true,
});

class ByteLengthQueuingStrategy {",
    ),
    (
        "ext:deno_web/06_streams.js",
        "  /** @returns {void} */\n  releaseLock() {\n    webidl.assertBranded(this, ReadableStreamBYOBReaderPrototype);",
        "  readAtLeast(minElements, view) {
    return primordials.ReflectApply(byobRead, this, [view, { __proto__: null, min: minElements }]);
  }

  /** @returns {void} */\n  releaseLock() {\n    webidl.assertBranded(this, ReadableStreamBYOBReaderPrototype);",
    ),
    (
        "ext:deno_web/06_streams.js",
        "webidl.configureInterface(ReadableStreamBYOBReader);",
        "const byobRead = ReadableStreamBYOBReader.prototype.read;\nwebidl.configureInterface(ReadableStreamBYOBReader);",
    ),
    ("ext:deno_web/02_event.js", "  eventImpl.cancelBubble = false;", "  eventImpl[_stopPropagationFlag] = false;"),
    (
        "ext:deno_web/02_event.js",
        "        if (typeof listener.callback.handleEvent === \"function\") {
          listener.callback.handleEvent(eventImpl);
        }",
        "        const { handleEvent } = listener.callback;
        if (typeof handleEvent !== \"function\") throw new TypeError(\"The listener's handleEvent is not a function.\");
        FunctionPrototypeCall(handleEvent, listener.callback, eventImpl);",
    ),
    (
        "ext:deno_webidl/00_webidl.js",
        "        result[typedKey] = typedValue;
      }
      return result;
    }
    // Slow path if Proxy",
        "        result[typedKey] = typedValue;
      }
      // No symbol is a string: the first that counts is refused.
      const symbols = primordials.ObjectGetOwnPropertySymbols(V);
      for (let i = 0; i < symbols.length; ++i) {
        if (ObjectGetOwnPropertyDescriptor(V, symbols[i])?.enumerable) {
          keyConverter(symbols[i], prefix, context, opts);
        }
      }
      return result;
    }
    // Slow path if Proxy",
    ),
    (
        "ext:deno_fetch/20_headers.js",
        "  getSetCookie() {",
        "  getAll(name) {
    webidl.assertBranded(this, HeadersPrototype);
    const prefix = \"Failed to execute 'getAll' on 'Headers'\";
    webidl.requiredArguments(arguments.length, 1, prefix);
    name = webidl.converters[\"ByteString\"](name, prefix, \"Argument 1\");
    if (primordials.StringPrototypeToLowerCase(name) !== \"set-cookie\") {
      throw new TypeError('getAll() can only be used with the header name \"Set-Cookie\".');
    }
    return primordials.ReflectApply(getSetCookie, this, []);
  }

  getSetCookie() {",
    ),
    (
        "ext:deno_fetch/20_headers.js",
        "webidl.configureInterface(Headers);",
        "const { getSetCookie } = Headers.prototype;\nwebidl.configureInterface(Headers);",
    ),
    (
        "ext:deno_fetch/21_formdata.js",
        "ArrayPrototypePush(chunks, `--${boundary}--`);",
        "ArrayPrototypePush(chunks, `--${boundary}--\\r\\n`);",
    ),
    (
        "ext:deno_crypto/00_crypto.js",
        "(data) => CryptoKey.fromCloneData(data),",
        "(data) => core.loadExtScript(\"ext:eyot/crypto_beside.js\").cloned(data),",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "cancelHandleRid } = op_fetch(\n    req.method,\n    req.currentUrl(),\n    req.headerList,\n    req.clientRid,",
        "cancelHandleRid } = core.loadExtScript(\"ext:eyot/hops.js\").begin(\n    url.protocol,\n    req.method,\n    req.currentUrl(),\n    req.headerList,",
    ),
    (
        "ext:deno_web/09_file.js",
        "  blobFromObjectUrl,\n  BlobPrototype,\n",
        "  blobFromObjectUrl,\n  blobOfType(bytes, type) {\n    const blob = new Blob([bytes]);\n    blob[_type] = type;\n    return blob;\n  },\n  BlobPrototype,\n",
    ),
    ("ext:deno_web/00_url.js", "    this[_list] = op_url_parse_search_params(str);", "    this[_list] = pairsOf(str);"),
    ("ext:deno_web/00_url.js", "newParams = op_url_parse_search_params(", "newParams = pairsOf("),
    ("ext:deno_web/00_url.js", "return op_url_parse_search_params(null, bytes);", "return pairsOf(null, bytes);"),
    (
        "ext:deno_web/00_url.js",
        "      ArrayPrototypeSplice(
        params,
        0,
        params.length,
        ...new SafeArrayIterator(newParams),
      );",
        "      params.length = 0;
      for (let i = 0; i < newParams.length; i++) ArrayPrototypePush(params, newParams[i]);",
    ),
    (
        "ext:deno_web/00_url.js",
        "function parseUrlEncoded(bytes) {",
        "function pairsOf(text, bytes) {
  if (text?.length <= 65536) return op_url_parse_search_params(text);
  return core.loadExtScript(\"ext:eyot/search_params.js\").pairsOf(text, bytes);
}

function parseUrlEncoded(bytes) {",
    ),
    (
        "ext:deno_web/00_url.js",
        "return new URL(this.pathname).origin;",
        "const inner = new URL(this.pathname);
        return StringPrototypeStartsWith(inner.#serialization, \"http\") ? inner.origin : \"null\";",
    ),
    ("ext:deno_web/01_urlpattern.js", r#"options.ignoreCase ? "ui" : "u""#, r#"options.ignoreCase ? "i" : """#),
    (
        "ext:deno_web/01_urlpattern.js",
        "c.regexp = new SafeRegExp(c.regexpString, flags);",
        "try {
          const source = primordials.StringPrototypeReplaceAll(c.regexpString, \"[^/]\", \"[^\\\\/]\");
          c.regexp = new SafeRegExp(source, `v${flags}`);
        } catch {
          c.regexp = new SafeRegExp(c.regexpString, `u${flags}`);
        }",
    ),
    ("ext:deno_web/01_urlpattern.js", PATTERN_TEST.0, PATTERN_TEST.1),
    ("ext:deno_web/01_urlpattern.js", PATTERN_EXEC.0, PATTERN_EXEC.1),
    (
        "ext:deno_fetch/22_body.js",
        "return new Blob([bytes], {
        type: mimeType !== null ? mimesniff.serializeMimeType(mimeType) : \"\",
      });",
        "return blobOfType(bytes, mimeType !== null ? mimesniff.serializeMimeType(mimeType) : \"\");",
    ),
    ("ext:deno_web/06_streams.js", streams::PULL_VIEW.0, streams::PULL_VIEW.1),
    ("ext:deno_web/06_streams.js", streams::PULL_READ.0, streams::PULL_READ.1),
    (
        "ext:deno_web/06_streams.js",
        "    autoAllocateChunkSize: DEFAULT_CHUNK_SIZE,\n  };\n  initializeReadableStream(stream);\n  setUpReadableByteStreamControllerFromUnderlyingSource(\n    stream,\n    underlyingSource,\n    underlyingSource,\n    0,\n  );\n  return stream;\n}\n\nconst promiseSymbol",
        "  };\n  initializeReadableStream(stream);\n  setUpReadableByteStreamControllerFromUnderlyingSource(\n    stream,\n    underlyingSource,\n    underlyingSource,\n    0,\n  );\n  return stream;\n}\n\nconst promiseSymbol",
    ),
    (
        "ext:deno_web/06_streams.js",
        "  ReadableStreamDefaultReader,\n  readableStreamDisturb,\n",
        "  ReadableStreamDefaultReader,\n  readableStreamDefaultReaderRead,\n  readableStreamDisturb,\n",
    ),
    ("ext:deno_fetch/22_body.js", "const { BlobPrototype } =", "const { BlobPrototype, blobOfType } ="),
    ("ext:deno_fetch/22_body.js", "  createReadableStream,\n", "  createReadableByteStream,\n"),
    ("ext:deno_fetch/22_body.js", "  readableStreamClose,\n", BODY_IMPORTS),
    (
        "ext:deno_fetch/22_body.js",
        "const stream = createReadableStream(
          noop,
          (controller) => {
            controller.enqueue(chunkToU8(body));
            controller.close();
          },
          noopAsync,
          0,
        );",
        "const stream = createReadableByteStream(
          (controller) => {
            if (body.length === 0) readableByteStreamControllerClose(controller);
          },
          async (controller) => {
            // A copy: what a byte stream is given is no longer the body's.
            const bytes = typeof body === \"string\" ? core.encode(body) : TypedArrayPrototypeSlice(body);
            readableByteStreamControllerEnqueue(controller, bytes);
            readableByteStreamControllerClose(controller);
          },
          noopAsync,
        );",
    ),
    ("ext:deno_fetch/22_body.js", "const noop = () => {};\n", ""),
    (
        "ext:deno_fetch/22_body.js",
        "} = core.loadExtScript(\"ext:deno_web/06_streams.js\");",
        "  isPrototypeOf: ObjectPrototypeIsPrototypeOf,\n} = core.loadExtScript(\"ext:eyot/stream_parts.js\");",
    ),
    ("ext:deno_fetch/22_body.js", "  ObjectPrototypeIsPrototypeOf,\n", ""),
    (
        "ext:deno_fetch/22_body.js",
        "const { TextDecoderStream } = core.loadExtScript(\n  \"ext:deno_web/08_text_encoding.js\",\n);\n",
        "",
    ),
    (
        "ext:deno_fetch/22_body.js",
        "        return inner.stream.pipeThrough(new TextDecoderStream());",
        "        const { TextDecoderStream } = core.loadExtScript(\"ext:deno_web/08_text_encoding.js\");
        return inner.stream.pipeThrough(new TextDecoderStream());",
    ),
    (
        "ext:deno_web/06_streams.js",
        "return {\n  _isClosedPromise,\n",
        "core.loadExtScript(\"ext:eyot/stream_parts.js\").noteLoaded();
return {\n  _isClosedPromise,\n",
    ),
    (
        "ext:deno_fetch/22_body.js",
        r#"return typeof chunk === "string" ? chunk : core.decode(chunk);"#,
        r#"if (typeof chunk !== "string") return core.decode(chunk);
  return chunk[0] === "\uFEFF" ? core.decode(core.encode(chunk)) : chunk;"#,
    ),
    (
        "ext:deno_fetch/22_body.js",
        "return parseFormData(chunkToU8(bytes), boundary);",
        "return core.loadExtScript(\"ext:eyot/multipart.js\").parseFormData(chunkToU8(bytes), boundary);",
    ),
    ("ext:deno_fetch/22_body.js", "  formDataToBlob,\n  parseFormData,\n", "  formDataToBlob,\n"),
    (
        "ext:deno_fetch/23_request.js",
        "const { getLocationHref } = core.loadExtScript(\"ext:deno_web/12_location.js\");\n",
        "",
    ),
    ("ext:deno_fetch/23_request.js", "const baseURL = getLocationHref();", "const baseURL = undefined;"),
    (
        "ext:deno_fetch/23_response.js",
        "const { getLocationHref } = core.loadExtScript(\"ext:deno_web/12_location.js\");\n",
        "",
    ),
    ("ext:deno_fetch/23_response.js", "const baseURL = getLocationHref();", "const baseURL = undefined;"),
    (
        "ext:deno_fetch/23_request.js",
        "const { HttpClientPrototype } = core.loadExtScript(\n  \"ext:deno_fetch/22_http_client.js\",\n);\n",
        "",
    ),
    (
        "ext:deno_fetch/23_request.js",
        "    // NOTE: non standard extension. This handles Deno.HttpClient parameter
    if (init.client !== undefined) {
      if (
        init.client !== null &&
        !ObjectPrototypeIsPrototypeOf(HttpClientPrototype, init.client)
      ) {
        throw webidl.makeException(
          TypeError,
          \"`client` must be a Deno.HttpClient\",
          prefix,
          \"Argument 2\",
        );
      }
      request.clientRid = init.client?.[internalRidSymbol] ?? null;
    }
",
        "",
    ),
    (
        "ext:deno_fetch/23_request.js",
        r#"{ key: "client", converter: webidl.converters.any },"#,
        r#"{ key: "client", converter: webidl.converters.any },
    { key: "duplex", converter: webidl.createEnumConverter("RequestDuplex", ["half"]) },
    {
      key: "window",
      converter(value, prefix) {
        if (value !== null) throw new TypeError(`${prefix}: 'window' can only be null.`);
        return value;
      },
    },"#,
    ),
    ("ext:deno_web/15_performance.js", r#"return ["mark", "measure"];"#, "return SUPPORTED_ENTRY_TYPES;"),
    (
        "ext:deno_web/15_performance.js",
        "class PerformanceObserver {",
        r#"const SUPPORTED_ENTRY_TYPES = primordials.ObjectFreeze(["mark", "measure"]);
class PerformanceObserver {"#,
    ),
    (
        "ext:deno_web/15_performance.js",
        "    this[_entryTypes] = types;
    this[_buffer] = [];",
        r#"    const single = type !== undefined;
    if (this[_entryTypes].length > 0 && this[_single] !== single) {
      throw new DOMException("An observer of several types observes no single one.", "InvalidModificationError");
    }
    this[_single] = single;
    this[_told] = false;
    if (!single) this[_buffer] = [];
    else if (!ArrayPrototypeIncludes(this[_entryTypes], type)) ArrayPrototypePush(types, ...new primordials.SafeArrayIterator(this[_entryTypes]));
    this[_entryTypes] = types;"#,
    ),
    (
        "ext:deno_web/15_performance.js",
        r#"const _entryTypes = Symbol("[[entryTypes]]");"#,
        r#"const _entryTypes = Symbol("[[entryTypes]]");
const _single = Symbol("[[single]]");
const _told = Symbol("[[told]]");"#,
    ),
    (
        "ext:deno_web/15_performance.js",
        "      if (!ArrayIsArray(entryTypes)) {
        throw new TypeError(`${prefix}: 'entryTypes' must be an array.`);
      }
      types = ArrayPrototypeFilter(
        entryTypes,",
        r#"      types = ArrayPrototypeFilter(
        webidl.converters["sequence<DOMString>"](entryTypes, prefix, "entryTypes"),"#,
    ),
    (
        "ext:deno_web/15_performance.js",
        "      observer[_callback](entryList, observer);",
        "      primordials.ArrayPrototypeSort(entries, (left, right) => left.startTime - right.startTime);
      const told = observer[_told] ? {} : { droppedEntriesCount: 0 };
      observer[_told] = true;
      observer[_callback](entryList, observer, told);",
    ),
    (
        "ext:deno_web/15_performance.js",
        r#"webidl.type(V) === "Object" && V !== null"#,
        r#"webidl.type(V) === "Object" || V === null"#,
    ),
    (
        "ext:deno_web/15_performance.js",
        "      if (
        ReflectHas(startOrMeasureOptions, \"start\") &&
        ReflectHas(startOrMeasureOptions, \"duration\") &&",
        r#"      if (!ReflectHas(startOrMeasureOptions, "start") && !ReflectHas(startOrMeasureOptions, "end")) {
        throw new TypeError('Options have at least one of "start" and "end"');
      }
      if (
        ReflectHas(startOrMeasureOptions, "start") &&
        ReflectHas(startOrMeasureOptions, "duration") &&"#,
    ),
    (
        "ext:deno_web/01_dom_exception.js",
        "        this[_requested] = requested;",
        r#"        if (this[_quota] !== null && requested < this[_quota]) {
          throw new RangeError("Failed to construct 'QuotaExceededError': requested must not be less than quota");
        }
        this[_requested] = requested;"#,
    ),
    (
        "ext:deno_web/01_mimesniff.js",
        "      RegExpPrototypeTest(
        HTTP_QUOTED_STRING_TOKEN_POINT_RE,
        parameterValue,
      ) &&",
        "      (parameterValue === \"\" || RegExpPrototypeTest(HTTP_QUOTED_STRING_TOKEN_POINT_RE, parameterValue)) &&",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "        return result;\n      } finally {",
        "        return await result;\n      } finally {",
    ),
    (
        "ext:deno_web/02_event.js",
        "    core.reportUnhandledException(error);",
        "    core.loadExtScript(\"ext:eyot/dispatch.js\").reportUncaught(\"Uncaught\", error);",
    ),
    (
        "ext:deno_web/02_event.js",
        "return {\n  CloseEvent,",
        "return {
  eventSlots: {
    __proto__: null,
    _attributes,
    _canceledFlag,
    _dispatched,
    _inPassiveListener,
    _isTrusted,
    _path,
    _stopImmediatePropagationFlag,
    _stopPropagationFlag,
  },\n  CloseEvent,",
    ),
    (
        "ext:deno_web/02_event.js",
        "  // Avoid recursing `reportException()` via error handlers more than once.",
        "  setIsTrusted(event, true);",
    ),
    (
        "ext:deno_fetch/23_request.js",
        "  return {\n    methodInner: method,",
        "  const { InnerRequest } = core.loadExtScript(\"ext:eyot/inner_request.js\");
  return new InnerRequest(method, url, headerList, body, blobUrlEntry);\n  return {\n    methodInner: method,",
    ),
    (
        "ext:deno_fetch/23_request.js",
        "  newInnerRequest,\n",
        "  hasSignal: (request) => request[_signalCache] !== undefined,\n  newInnerRequest,\n",
    ),
    // Ours has made one already.
    ("ext:deno_fetch/26_fetch.js", "const requestObject = new Request(input, init);", "const requestObject = input;"),
    (
        "ext:deno_fetch/26_fetch.js",
        "const url = new URL(req.currentUrl());\n  if (",
        "const url = core.loadExtScript(\"ext:eyot/hops.js\").schemeAndPort(req.currentUrl());\n  if (",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "    } else {\n      let bodyStream = ",
        "    } else if (inspectorRequestId === null) {
      response.body = core.loadExtScript(\"ext:eyot/incoming_body.js\").answerBody(resp.responseRid, terminator);
    } else {\n      let bodyStream = ",
    ),
    (
        "ext:deno_fetch/22_body.js",
        "readableStreamTee(this.stream, true);\n",
        "readableStreamTee(this.stream, true);
      core.loadExtScript(\"ext:eyot/lengths.js\").announceAlike(this.stream, [out1, out2]);\n",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "  const response = {\n    headerList: resp.headers,",
        "  const response = {\n    __proto__: null,\n    headerList: resp.headers,",
    ),
    (
        "ext:deno_fetch/23_response.js",
        "  resp.type = \"error\";\n  resp.error = error;\n",
        "  resp.type = \"error\";\n  resp.error = error;\n  primordials.ObjectSetPrototypeOf(resp, null);\n",
    ),
    (
        "ext:deno_fetch/26_fetch.js",
        "resourceForReadableStream(stream, req.body.length)",
        "resourceForReadableStream(stream, req.body.length, undefined, terminator)",
    ),
    (
        "ext:deno_web/06_streams.js",
        "function resourceForReadableStream(stream, length, onError) {",
        "function resourceForReadableStream(stream, length, onError, terminator) {",
    ),
    (
        "ext:deno_web/06_streams.js",
        "    op_readable_stream_resource_get_sink(rid),\n  );",
        "    op_readable_stream_resource_get_sink(rid),\n    terminator,\n  );",
    ),
    (
        "ext:deno_web/06_streams.js",
        "  external;\n  constructor(external) {\n",
        "  external;
  terminator;
  get reason() {
    return this.terminator?.aborted ? this.terminator.reason : \"resource closed\";
  }
  constructor(external, terminator) {
    this.terminator = terminator;
",
    ),
    (
        "ext:deno_web/06_streams.js",
        "    // Closed\n    await reader.cancel(\"resource closed\");",
        "    // Closed\n    await reader.cancel(sink.reason);",
    ),
    (
        "ext:deno_web/06_streams.js",
        "    } else {\n      await reader.cancel(\"resource closed\");",
        "    } else {\n      await reader.cancel(sink.reason);",
    ),
    (
        "ext:deno_web/06_streams.js",
        "          reader.cancel(\"resource closed\"),",
        "          reader.cancel(sink.reason),",
    ),
    (
        "ext:deno_web/06_streams.js",
        "PromisePrototypeCatch(reader.cancel(\"resource closed\"),",
        "PromisePrototypeCatch(reader.cancel(sink.reason),",
    ),
    // What is read whole is held to the memory cap as it comes.
    ("ext:deno_web/06_streams.js", "  op_read_all,\n", "  op_eyot_read_all: op_read_all,\n"),
    ("ext:deno_web/06_streams.js", "await core.readAll(rid)", "await op_read_all(rid)"),
    (
        "ext:deno_web/06_streams.js",
        "    return readableStreamTee(this, false);\n",
        "    const branches = readableStreamTee(this, false);
    if (!isReadableStreamDisturbed(this)) core.loadExtScript(\"ext:eyot/lengths.js\").announceAlike(this, branches);
    return branches;\n",
    ),
];

const PATTERN_TEST: (&str, &str) = (
    "  test(input, baseURL = undefined) {
    webidl.assertBranded(this, URLPatternPrototype);
    const prefix = \"Failed to execute 'test' on 'URLPattern'\";
    webidl.requiredArguments(arguments.length, 1, prefix);",
    "  test(input = { __proto__: null }, baseURL = undefined) {
    webidl.assertBranded(this, URLPatternPrototype);
    const prefix = \"Failed to execute 'test' on 'URLPattern'\";",
);
const PATTERN_EXEC: (&str, &str) = (
    "  exec(input, baseURL = undefined) {
    webidl.assertBranded(this, URLPatternPrototype);
    const prefix = \"Failed to execute 'exec' on 'URLPattern'\";
    webidl.requiredArguments(arguments.length, 1, prefix);",
    "  exec(input = { __proto__: null }, baseURL = undefined) {
    webidl.assertBranded(this, URLPatternPrototype);
    const prefix = \"Failed to execute 'exec' on 'URLPattern'\";",
);
const BODY_IMPORTS: &str =
    "  readableByteStreamControllerClose,\n  readableByteStreamControllerEnqueue,\n  readableStreamClose,\n";
