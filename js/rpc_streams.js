// Streams that cross between two scripts: each read and each write is a call of the other side, so that they go at the
// reader's pace.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    ArrayBufferPrototypeGetByteLength,
    Error,
    PromisePrototypeThen,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetSymbolToStringTag,
    TypedArrayPrototypeSlice,
  } = primordials;
  const { ReadableStream, WritableStream, acquireReadableStreamDefaultReader } = core.loadExtScript(
    "ext:deno_web/06_streams.js",
  );

  /** What serves a stream to the other side: a function of what is asked for. Undefined for what is no stream. */
  function reach(value, kind) {
    if (kind === "call") return undefined;
    if (kind === "writable") {
      const writer = value.getWriter();
      return (name, args) => {
        if (name === "write") return writer.write(args[0]);
        return name === "close" ? writer.close() : writer.abort(new Error(args[0]));
      };
    }
    const reader = acquireReadableStreamDefaultReader(value);
    return async (name, args) => {
      if (name !== "read") return await reader.cancel(new Error(args[0]));
      const { done, value: chunk } = await reader.read();
      return { done, value: done ? undefined : sole(chunk) };
    };
  }

  /** A chunk of bytes without what else is in its buffer, which would go along. */
  function sole(chunk) {
    if (!ArrayBufferIsView(chunk) || TypedArrayPrototypeGetSymbolToStringTag(chunk) !== "Uint8Array") return chunk;
    const all = ArrayBufferPrototypeGetByteLength(TypedArrayPrototypeGetBuffer(chunk));
    return TypedArrayPrototypeGetByteLength(chunk) === all ? chunk : TypedArrayPrototypeSlice(chunk);
  }

  /** The other side does not want a stream any more. */
  function letGo(reader, error) {
    const nothing = () => {};
    PromisePrototypeThen(reader("abort", [error.message]), nothing, nothing);
  }

  function importReadable(session, number, isBytes) {
    const source = {
      __proto__: null,
      type: isBytes ? "bytes" : undefined,
      async pull(controller) {
        while (true) {
          const { done, value } = await asked(session, number, "read", []);
          if (done) {
            controller.close();
            if (isBytes) controller.byobRequest?.respond(0);
            session.release(number);
            return;
          }
          if (isBytes && value.byteLength === 0) continue;
          controller.enqueue(value);
          return;
        }
      },
      async cancel(reason) {
        await asked(session, number, "cancel", [`${reason}`]);
        session.release(number);
      },
    };
    return new ReadableStream(source, { __proto__: null, highWaterMark: 0 });
  }

  function importWritable(session, number) {
    const finish = async (name, args) => {
      await asked(session, number, name, args);
      session.release(number);
    };
    return new WritableStream({
      __proto__: null,
      write: (chunk) => asked(session, number, "write", [chunk]),
      close: () => finish("close", []),
      abort: (reason) => finish("abort", [`${reason}`]),
    });
  }

  /** Calls the other side's stream; one that fails is done with. */
  async function asked(session, number, name, args) {
    try {
      return await session.call(number, [name], args);
    } catch (error) {
      session.release(number);
      throw error;
    }
  }

  return { importReadable, importWritable, letGo, reach };
})()
