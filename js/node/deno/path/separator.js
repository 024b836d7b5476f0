// deno_node 0.198.0, polyfills/path/separator.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const { isWindows } = core.loadExtScript("ext:eyot_node/system.js");
  const { SafeRegExp } = primordials;
  const SEP = isWindows ? "\\" : "/";
  const SEP_PATTERN = isWindows ? new SafeRegExp("[\\\\/]+") : new SafeRegExp("/+");
  return {
    SEP,
    SEP_PATTERN
  };
})()
