// deno_node 0.198.0, polyfills/stream.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function () {
"use strict";
const { core, primordials } = __bootstrap;
const {
  ObjectDefineProperty,
  ObjectKeys,
  ReflectApply
} = primordials;
const internalUtil = core.loadExtScript("ext:eyot_node/deno/internal/util.js");
const {
  promisify: { custom: customPromisify }
} = internalUtil;
const { promiseReturningOperators, streamReturningOperators } = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/operators.js");
const compose = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/compose.js").default;
const {
  getDefaultHighWaterMark,
  setDefaultHighWaterMark
} = core.loadExtScript("ext:eyot_node/deno/internal/streams/state.js");
const { pipeline } = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/pipeline.js");
const { destroyer } = core.loadExtScript(
  "ext:eyot_node/deno/internal/streams/destroy.js"
);
const { eos } = core.loadExtScript(
  "ext:eyot_node/deno/internal/streams/end-of-stream.js"
);
const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
const promises = __bootstrap.core.loadExtScript("ext:eyot_node/deno/stream/promises.js");
const utils = core.loadExtScript("ext:eyot_node/deno/internal/streams/utils.js");
const {
  isArrayBufferView,
  isUint8Array
} = core.loadExtScript("ext:eyot_node/deno/internal/util/types.js");
const { Stream } = core.loadExtScript(
  "ext:eyot_node/deno/internal/streams/legacy.js"
);
const Readable = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/readable.js").default;
const Writable = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/writable.js").default;
const Duplex = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/duplex.js").default;
const Transform = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/transform.js").default;
const PassThrough = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/passthrough.js").default;
const duplexPair = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/duplexpair.js").default;
const { addAbortSignal } = core.loadExtScript(
  "ext:eyot_node/deno/internal/streams/add-abort-signal.js"
);
const { ERR_ILLEGAL_CONSTRUCTOR } = core.loadExtScript(
  "ext:eyot_node/deno/internal/errors.js"
);
Stream.isDestroyed = utils.isDestroyed;
Stream.isDisturbed = utils.isDisturbed;
Stream.isErrored = utils.isErrored;
Stream.isReadable = utils.isReadable;
Stream.isWritable = utils.isWritable;
Stream.Readable = Readable;
const streamKeys = ObjectKeys(streamReturningOperators);
for (let i = 0; i < streamKeys.length; i++) {
  let fn = function(...args) {
    if (new.target) {
      throw new ERR_ILLEGAL_CONSTRUCTOR();
    }
    return Stream.Readable.from(ReflectApply(op, this, args));
  };
  const key = streamKeys[i];
  const op = streamReturningOperators[key];
  ObjectDefineProperty(fn, "name", { __proto__: null, value: op.name });
  ObjectDefineProperty(fn, "length", { __proto__: null, value: op.length });
  ObjectDefineProperty(Stream.Readable.prototype, key, {
    __proto__: null,
    value: fn,
    enumerable: false,
    configurable: true,
    writable: true
  });
}
const promiseKeys = ObjectKeys(promiseReturningOperators);
for (let i = 0; i < promiseKeys.length; i++) {
  let fn = function(...args) {
    if (new.target) {
      throw new ERR_ILLEGAL_CONSTRUCTOR();
    }
    return ReflectApply(op, this, args);
  };
  const key = promiseKeys[i];
  const op = promiseReturningOperators[key];
  ObjectDefineProperty(fn, "name", { __proto__: null, value: op.name });
  ObjectDefineProperty(fn, "length", { __proto__: null, value: op.length });
  ObjectDefineProperty(Stream.Readable.prototype, key, {
    __proto__: null,
    value: fn,
    enumerable: false,
    configurable: true,
    writable: true
  });
}
Stream.Writable = Writable;
Stream.Duplex = Duplex;
Stream.Transform = Transform;
Stream.PassThrough = PassThrough;
Stream.duplexPair = duplexPair;
Stream.pipeline = pipeline;
Stream.addAbortSignal = addAbortSignal;
Stream.finished = eos;
Stream.destroy = destroyer;
Stream.compose = compose;
Stream.setDefaultHighWaterMark = setDefaultHighWaterMark;
Stream.getDefaultHighWaterMark = getDefaultHighWaterMark;
ObjectDefineProperty(Stream, "promises", {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() {
    return promises;
  }
});
ObjectDefineProperty(pipeline, customPromisify, {
  __proto__: null,
  enumerable: true,
  get() {
    return promises.pipeline;
  }
});
ObjectDefineProperty(eos, customPromisify, {
  __proto__: null,
  enumerable: true,
  get() {
    return promises.finished;
  }
});
Stream.Stream = Stream;
Stream._isArrayBufferView = isArrayBufferView;
Stream._isUint8Array = isUint8Array;
Stream._uint8ArrayToBuffer = function _uint8ArrayToBuffer2(chunk) {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
};

const _isArrayBufferView = isArrayBufferView;
const _isUint8Array = Stream._isUint8Array;
const _uint8ArrayToBuffer = Stream._uint8ArrayToBuffer;
const isDisturbed = Stream.isDisturbed;
const isErrored = Stream.isErrored;
const finished = eos;
const isReadable = Stream.isReadable;
const isWritable = Stream.isWritable;
const isDestroyed = Stream.isDestroyed;
return { addAbortSignal: addAbortSignal, compose: compose, destroy: destroyer, Duplex: Duplex, duplexPair: duplexPair, getDefaultHighWaterMark: getDefaultHighWaterMark, PassThrough: PassThrough, pipeline: pipeline, promises: promises, Readable: Readable, setDefaultHighWaterMark: setDefaultHighWaterMark, Stream: Stream, Transform: Transform, Writable: Writable, _isArrayBufferView, _isUint8Array, _uint8ArrayToBuffer, isDisturbed, isErrored, finished, isReadable, isWritable, isDestroyed, default: Stream, };
})()
