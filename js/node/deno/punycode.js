// deno_node 0.198.0, polyfills/punycode.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core } = __bootstrap;
  const {
    op_node_idna_punycode_decode,
    op_node_idna_punycode_encode,
    op_node_idna_punycode_to_ascii,
    op_node_idna_punycode_to_unicode
  } = core.loadExtScript("ext:eyot_node/host.js");
  const { ucs2 } = core.loadExtScript("ext:eyot_node/deno/internal/idna.js");
  const version = "2.1.0";
  function toASCII(domain) {
    return op_node_idna_punycode_to_ascii(domain);
  }
  function toUnicode(domain) {
    return op_node_idna_punycode_to_unicode(domain);
  }
  function decode(domain) {
    return op_node_idna_punycode_decode(domain);
  }
  function encode(domain) {
    return op_node_idna_punycode_encode(domain);
  }
  return {
    default: {
      decode,
      encode,
      toASCII,
      toUnicode,
      ucs2,
      version
    },
    decode,
    encode,
    toASCII,
    toUnicode,
    ucs2,
    version
  };
})()
