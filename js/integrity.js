// Subresource integrity: a response whose bytes are not those that `integrity` names is a network error,
// https://w3c.github.io/webappsec-subresource-integrity/#does-response-match-metadatalist.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypePush,
    RegExpPrototypeExec,
    SafeRegExp,
    StringPrototypeReplaceAll,
    StringPrototypeSplit,
    StringPrototypeToLowerCase,
    TypeError,
  } = primordials;
  const { op_eyot_digest_finish, op_eyot_digest_new } = core.ops;
  const { update } = core.loadExtScript("ext:eyot/digests.js");
  const { forgivingBase64Encode } = core.loadExtScript("ext:deno_web/00_infra.js");
  const { InnerBody } = core.loadExtScript("ext:deno_fetch/22_body.js");

  const STRENGTHS = { __proto__: null, sha256: 1, sha384: 2, sha512: 3 };
  const DIGESTS = { __proto__: null, sha256: "SHA-256", sha384: "SHA-384", sha512: "SHA-512" };
  const SPACE = new SafeRegExp(/[\t\n\f\r ]+/);
  const ITEM = new SafeRegExp(/^([a-z0-9]+)-([a-z0-9+/_-]+)={0,2}(?:\?.*)?$/i);

  /** The strongest algorithm that is named, with each of its values; none that we know is null. */
  function strongest(metadata) {
    let best = null;
    const items = StringPrototypeSplit(metadata, SPACE);
    for (let i = 0; i < items.length; i++) {
      const match = RegExpPrototypeExec(ITEM, items[i]);
      if (match === null) continue;
      const algorithm = StringPrototypeToLowerCase(match[1]);
      const strength = STRENGTHS[algorithm];
      if (strength === undefined || strength < (best?.strength ?? 0)) continue;
      if (strength !== best?.strength) best = { __proto__: null, strength, algorithm, values: [] };
      ArrayPrototypePush(best.values, plain(match[2]));
    }
    return best;
  }

  /** Base64 in one of its alphabets. */
  function plain(text) {
    return StringPrototypeReplaceAll(StringPrototypeReplaceAll(text, "-", "+"), "_", "/");
  }

  /** Reads all of a response's body, which is then there at once, and compares it. */
  async function verify(inner, metadata) {
    const wanted = strongest(metadata);
    if (wanted === null) return;
    const bytes = inner.body === null ? core.encode("") : (await inner.body.consume()).bytes;
    const digest = op_eyot_digest_new(DIGESTS[wanted.algorithm]);
    update(digest, bytes);
    const found = StringPrototypeReplaceAll(forgivingBase64Encode(op_eyot_digest_finish(digest)), "=", "");
    let matches = false;
    for (let i = 0; i < wanted.values.length; i++) matches ||= wanted.values[i] === found;
    if (!matches) throw new TypeError(`The response does not match its integrity, ${metadata}.`);
    if (inner.body !== null) inner.body = new InnerBody({ __proto__: null, body: bytes, consumed: false });
  }

  return { verify };
})()
