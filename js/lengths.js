// Lengths: of streams that know it before they end, for the responses whose bodies they become.
(function () {
  const { SafeWeakMap } = __bootstrap.primordials;

  const lengths = new SafeWeakMap();

  /** A response with this stream as its body says this length. */
  function announceLength(stream, length) {
    lengths.set(stream, length);
  }

  /** The length that was announced, if one was. */
  function lengthOf(stream) {
    return lengths.get(stream);
  }

  return { announceLength, lengthOf };
})()
