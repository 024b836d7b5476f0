// deno_node 0.198.0, polyfills/stream/promises.js, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function () {
const { core, primordials } = __bootstrap;
const {
  isIterable,
  isNodeStream,
  isWebStream
} = core.loadExtScript("ext:eyot_node/deno/internal/streams/utils.js");
const { pipelineImpl: pl } = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/pipeline.js");
const { finished } = core.loadExtScript(
  "ext:eyot_node/deno/internal/streams/end-of-stream.js"
);
const _mod2 = void 0;
"use strict";
const {
  ArrayPrototypePop,
  Promise
} = primordials;
_mod2;
function pipeline(...streams) {
  return new Promise((resolve, reject) => {
    let signal;
    let end;
    const lastArg = streams[streams.length - 1];
    if (lastArg && typeof lastArg === "object" && !isNodeStream(lastArg) && !isIterable(lastArg) && !isWebStream(lastArg)) {
      const options = ArrayPrototypePop(streams);
      signal = options.signal;
      end = options.end;
    }
    pl(streams, (err, value) => {
      if (err) {
        reject(err);
      } else {
        resolve(value);
      }
    }, { signal, end });
  });
}
const _defaultExport1 = {
  finished,
  pipeline
};
return { finished: finished, pipeline: pipeline, default: _defaultExport1, };
})()
