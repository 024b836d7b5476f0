//! The longer changes in Deno's streams: what stands there, and what we put in its place.

pub(crate) const READER_DEFAULTS: (&str, &str) = (
    "      : {};

    const underlyingSourceDict = underlyingSource !== undefined",
    "      : { __proto__: null };

    const underlyingSourceDict = underlyingSource !== undefined",
);

/// A chunk that comes while nobody of the pipe's is running is written in a microtask of its own, which the pipe's end waits for:
/// <https://streams.spec.whatwg.org/#rs-pipeTo>, "reads or writes should not be delayed" but not be synchronous either.
pub(crate) const PIPE_WRITE: (&str, &str) = (
    "        transformStreamDefaultControllerEnqueue(bypassTS[_controller], chunk);
        return;
      } catch {",
    "        transformStreamDefaultControllerEnqueue(bypassTS[_controller], chunk);
        return undefined;
      } catch {",
);
pub(crate) const PIPE_TAKE: (&str, &str) = (
    "    setPromiseIsHandledToTrue(currentWrite);
  }

  /** @type {ReadRequest} */
  const readRequest = {
    chunkSteps(chunk) {
      writeChunk(chunk);
      if (pumping) {
        syncAdvance = true;
      } else {
        pump();
      }
    },",
    "    setPromiseIsHandledToTrue(currentWrite);
    return currentWrite;
  }

  /** @type {ReadRequest} */
  const readRequest = {
    chunkSteps(chunk) {
      if (pumping) {
        writeChunk(chunk);
        syncAdvance = true;
        return;
      }
      currentWrite = PromisePrototypeThen(PromiseResolve(undefined), () => {
        // The sink has failed meanwhile, and the pipe is over.
        if (writer[_stream] === undefined) return undefined;
        const written = writeChunk(chunk);
        pump();
        return written;
      });
      setPromiseIsHandledToTrue(currentWrite);
    },",
);

/// Readers are told when all views are filled: what a script does meanwhile, by a `then` of `Object.prototype`, finds none half done
/// (<https://streams.spec.whatwg.org/#readable-byte-stream-controller-process-pull-into-descriptors-using-queue>).
pub(crate) const FILL_ALL: (&str, &str) = (
    "  assert(!controller[_closeRequested]);
  while (controller[_pendingPullIntos].size !== 0) {
    if (controller[_queueTotalSize] === 0) {
      return;
    }
    const pullIntoDescriptor = controller[_pendingPullIntos].peek();
    if (
      readableByteStreamControllerFillPullIntoDescriptorFromQueue(
        controller,
        pullIntoDescriptor,
      )
    ) {
      readableByteStreamControllerShiftPendingPullInto(controller);
      readableByteStreamControllerCommitPullIntoDescriptor(
        controller[_stream],
        pullIntoDescriptor,
      );
    }
  }
}",
    "  assert(!controller[_closeRequested]);
  const filled = [];
  while (controller[_pendingPullIntos].size !== 0 && controller[_queueTotalSize] !== 0) {
    const pullIntoDescriptor = controller[_pendingPullIntos].peek();
    if (
      readableByteStreamControllerFillPullIntoDescriptorFromQueue(
        controller,
        pullIntoDescriptor,
      )
    ) {
      readableByteStreamControllerShiftPendingPullInto(controller);
      ArrayPrototypePush(filled, pullIntoDescriptor);
    }
  }
  return filled;
}
function commitPullIntoDescriptors(controller, descriptors) {
  for (let i = 0; i < descriptors.length; ++i) {
    readableByteStreamControllerCommitPullIntoDescriptor(controller[_stream], descriptors[i]);
  }
}",
);
pub(crate) const FILL_ENQUEUED: (&str, &str) = (
    "      byteLength,
    );
    readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(
      controller,
    );
  } else {",
    "      byteLength,
    );
    commitPullIntoDescriptors(controller, readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller));
  } else {",
);
pub(crate) const FILL_DETACHED: (&str, &str) = (
    "    readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(
      controller,
    );
    return;
  }",
    "    commitPullIntoDescriptors(controller, readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller));
    return;
  }",
);
pub(crate) const FILL_ANSWERED: (&str, &str) = (
    "  readableByteStreamControllerCommitPullIntoDescriptor(
    controller[_stream],
    pullIntoDescriptor,
  );
  readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(
    controller,
  );
}",
    "  const filled = readableByteStreamControllerProcessPullIntoDescriptorsUsingQueue(controller);
  readableByteStreamControllerCommitPullIntoDescriptor(
    controller[_stream],
    pullIntoDescriptor,
  );
  commitPullIntoDescriptors(controller, filled);
}",
);

/// A stream of the host's takes a chunk of 64 KiB for every read of a default reader, zeroed, however little comes. Ours keeps
/// one to read into and gives away what was read: most of what made V8 collect when a body passed through a script.
pub(crate) const PULL_VIEW: (&str, &str) = (
    "  const underlyingSource = {
    type: \"bytes\",
    async pull(controller) {
      const v = controller.byobRequest.view;
      try {
        if (",
    "  let spare;
  const underlyingSource = {
    __proto__: null,
    type: \"bytes\",
    async pull(controller) {
      const v = controller.byobRequest?.view;
      try {
        if (",
);
pub(crate) const PULL_READ: (&str, &str) = (
    "        const bytesRead = await core.read(rid, v);
        if (bytesRead === 0) {
          tryClose();",
    "        if (v === undefined) {
          const buffer = spare ?? new Uint8Array(DEFAULT_CHUNK_SIZE);
          spare = undefined;
          const count = await core.read(rid, buffer);
          if (count === 0) {
            tryClose();
            controller.close();
            return;
          }
          const read = new Uint8Array(TypedArrayPrototypeGetBuffer(buffer), 0, count);
          if (count > DEFAULT_CHUNK_SIZE / 2) {
            controller.enqueue(read);
            return;
          }
          spare = buffer;
          const chunk = new Uint8Array(count);
          TypedArrayPrototypeSet(chunk, read);
          controller.enqueue(chunk);
          return;
        }
        const bytesRead = await core.read(rid, v);
        if (bytesRead === 0) {
          tryClose();",
);
