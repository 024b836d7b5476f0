// node:diagnostics_channel, with the class of its tracing channels.
(function () {
  const channels = __bootstrap.core.loadExtScript("ext:eyot_node/deno/diagnostics_channel.js");
  const { default: base, ...named } = channels;
  const { constructor: TracingChannel } = base.tracingChannel("eyot");
  return { ...named, TracingChannel, default: { ...base, TracingChannel } };
})()
