// Lengths: of streams that know it before they end, for the responses whose bodies they become.
(function () {
  const { core, primordials } = __bootstrap;
  const { SafeWeakMap, TypedArrayPrototypeGetByteLength } = primordials;
  const { isReadableStream } = core.loadExtScript("ext:eyot/stream_parts.js");

  const lengths = new SafeWeakMap();

  /** A response with this stream as its body says this length. */
  function announceLength(stream, length) {
    lengths.set(stream, length);
  }

  /** The length that was announced, if one was. */
  function lengthOf(stream) {
    return lengths.get(stream);
  }

  /** How long an inner body is, if that is known. */
  function bodyLength(body) {
    if (body.length !== null) return body.length;
    const { streamOrStatic } = body;
    if (isReadableStream(streamOrStatic)) return lengthOf(streamOrStatic) ?? null;
    const content = streamOrStatic.body;
    return TypedArrayPrototypeGetByteLength(typeof content === "string" ? core.encode(content) : content);
  }

  /** The same of both branches of a stream as of the stream. */
  function announceAlike(stream, branches) {
    const length = lengths.get(stream);
    if (length === undefined) return;
    lengths.set(branches[0], length);
    lengths.set(branches[1], length);
  }

  return { announceAlike, announceLength, bodyLength, lengthOf };
})()
