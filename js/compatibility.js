// Cloudflare: what a script can ask of its compatibility flags.
// https://developers.cloudflare.com/workers/configuration/compatibility-flags/
(function () {
  const { core, primordials } = __bootstrap;
  const { ObjectDefineProperty, ObjectFreeze } = primordials;
  const { op_eyot_compatibility } = core.ops;
  const { environment } = core.loadExtScript("ext:eyot/dispatch.js");

  const Cloudflare = {};
  ObjectDefineProperty(Cloudflare, "compatibilityFlags", {
    __proto__: null,
    value: ObjectFreeze(op_eyot_compatibility(environment.date, environment.flags)),
    writable: false,
    enumerable: true,
    configurable: true,
  });

  return { Cloudflare };
})()
