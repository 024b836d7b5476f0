// deno_node 0.198.0, polyfills/internal/streams/passthrough.js, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const Transform = core.loadExtScript(
    "ext:eyot_node/deno/internal/streams/transform.js"
  ).default;
  const {
    ObjectSetPrototypeOf
  } = primordials;
  ObjectSetPrototypeOf(PassThrough.prototype, Transform.prototype);
  ObjectSetPrototypeOf(PassThrough, Transform);
  function PassThrough(options) {
    if (!(this instanceof PassThrough)) {
      return new PassThrough(options);
    }
    Transform.call(this, options);
  }
  PassThrough.prototype._transform = function(chunk, encoding, cb) {
    cb(null, chunk);
  };
  return { default: PassThrough, PassThrough };
})()
