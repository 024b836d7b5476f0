// Stream parts: what bodies need of streams, which are loaded when a body first is one.
//
// Streams are a third of all of Deno's JavaScript, and a body that is a string or bytes has none of it. As long as nobody
// has loaded them nothing can be a stream.
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectFreeze, ObjectPrototypeIsPrototypeOf } = primordials;

  let loaded = false;
  let parts;

  /** Streams' own script says that it is being loaded, whoever wants it. */
  function noteLoaded() {
    loaded = true;
  }

  function streams() {
    return parts ??= core.loadExtScript("ext:deno_web/06_streams.js");
  }

  function isReadableStream(value) {
    return loaded && ObjectPrototypeIsPrototypeOf(streams().ReadableStreamPrototype, value);
  }

  // Stands for the prototype in tests of the form that Deno's body is written in.
  const ReadableStreamPrototype = ObjectFreeze({ __proto__: null });

  /** `Object.prototype.isPrototypeOf`, which knows what the above stands for. */
  function isPrototypeOf(prototype, value) {
    return prototype === ReadableStreamPrototype
      ? isReadableStream(value)
      : ObjectPrototypeIsPrototypeOf(prototype, value);
  }

  return {
    ReadableStreamPrototype,
    createProxy: (stream) => streams().createProxy(stream),
    createReadableByteStream: (start, pull, cancel) => streams().createReadableByteStream(start, pull, cancel),
    errorReadableStream: (stream, error) => streams().errorReadableStream(stream, error),
    isPrototypeOf,
    isReadableStream,
    isReadableStreamDisturbed: (stream) => streams().isReadableStreamDisturbed(stream),
    noteLoaded,
    readableByteStreamControllerClose: (controller) => streams().readableByteStreamControllerClose(controller),
    readableByteStreamControllerEnqueue: (controller, chunk) =>
      streams().readableByteStreamControllerEnqueue(controller, chunk),
    readableStreamClose: (stream) => streams().readableStreamClose(stream),
    readableStreamCollectIntoUint8Array: (stream) => streams().readableStreamCollectIntoUint8Array(stream),
    readableStreamDisturb: (stream) => streams().readableStreamDisturb(stream),
    readableStreamForRid: (rid) => streams().readableStreamForRid(rid),
    readableStreamTee: (stream, clones) => streams().readableStreamTee(stream, clones),
    readableStreamThrowIfErrored: (stream) => streams().readableStreamThrowIfErrored(stream),
  };
})()
