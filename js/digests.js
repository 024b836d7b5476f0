// Digests: the host's, fed piece by piece.
(function () {
  const { core, primordials } = __bootstrap;
  const { MathMin, TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetByteOffset, Uint8Array } =
    primordials;
  const { op_eyot_digest_update } = core.ops;

  // One op does not work on more: between ops a CPU budget that has run out ends the script.
  const PIECE_BYTES = 1 << 20;

  /** Feeds all of a `Uint8Array`. */
  function update(digest, bytes) {
    const length = TypedArrayPrototypeGetByteLength(bytes);
    for (let at = 0; at < length; at += PIECE_BYTES) {
      op_eyot_digest_update(digest, new Uint8Array(
        TypedArrayPrototypeGetBuffer(bytes),
        TypedArrayPrototypeGetByteOffset(bytes) + at,
        MathMin(PIECE_BYTES, length - at),
      ));
    }
  }

  return { update };
})()
