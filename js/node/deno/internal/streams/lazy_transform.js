// deno_node 0.198.0, polyfills/internal/streams/lazy_transform.js, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function () {
const { primordials } = __bootstrap;
const Transform = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/transform.js").default;
const stream = { Transform };
"use strict";
const {
  ObjectDefineProperties,
  ObjectDefineProperty,
  ObjectSetPrototypeOf
} = primordials;
function LazyTransform(options) {
  this._options = options;
}
ObjectSetPrototypeOf(LazyTransform.prototype, stream.Transform.prototype);
ObjectSetPrototypeOf(LazyTransform, stream.Transform);
function makeGetter(name) {
  return function() {
    stream.Transform.call(this, this._options);
    this._writableState.decodeStrings = false;
    return this[name];
  };
}
function makeSetter(name) {
  return function(val) {
    ObjectDefineProperty(this, name, {
      __proto__: null,
      value: val,
      enumerable: true,
      configurable: true,
      writable: true
    });
  };
}
ObjectDefineProperties(LazyTransform.prototype, {
  _readableState: {
    __proto__: null,
    get: makeGetter("_readableState"),
    set: makeSetter("_readableState"),
    configurable: true,
    enumerable: true
  },
  _writableState: {
    __proto__: null,
    get: makeGetter("_writableState"),
    set: makeSetter("_writableState"),
    configurable: true,
    enumerable: true
  }
});
return { LazyTransform: LazyTransform, default: LazyTransform, };
})()
