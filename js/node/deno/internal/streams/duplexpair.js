// deno_node 0.198.0, polyfills/internal/streams/duplexpair.js, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function () {
const process = __bootstrap.core.loadExtScript("ext:eyot_node/process.js").default;
const { core, primordials } = __bootstrap;
const Duplex = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/streams/duplex.js").default;
const assert = core.loadExtScript(
  "ext:eyot_node/deno/internal/assert.js"
);
"use strict";
const {
  Symbol
} = primordials;
const kCallback = Symbol("Callback");
const kInitOtherSide = Symbol("InitOtherSide");
class DuplexSide extends Duplex {
  #otherSide = null;
  constructor(options) {
    super(options);
    this[kCallback] = null;
    this.#otherSide = null;
  }
  [kInitOtherSide](otherSide) {
    if (this.#otherSide === null) {
      this.#otherSide = otherSide;
    } else {
      assert(this.#otherSide === null);
    }
  }
  _read() {
    const callback = this[kCallback];
    if (callback) {
      this[kCallback] = null;
      callback();
    }
  }
  _write(chunk, encoding, callback) {
    assert(this.#otherSide !== null);
    assert(this.#otherSide[kCallback] === null);
    if (chunk.length === 0) {
      process.nextTick(callback);
    } else {
      this.#otherSide.push(chunk);
      this.#otherSide[kCallback] = callback;
    }
  }
  _final(callback) {
    this.#otherSide.on("end", callback);
    this.#otherSide.push(null);
  }
}
function duplexPair(options) {
  const side0 = new DuplexSide(options);
  const side1 = new DuplexSide(options);
  side0[kInitOtherSide](side1);
  side1[kInitOtherSide](side0);
  return [side0, side1];
}
return { duplexPair: duplexPair, default: duplexPair, };
})()
