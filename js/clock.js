// Clock: time stands still while JavaScript runs, and is 0 at the top level.
//
// A clock that moves while a script computes would let it time its neighbours, and a snapshot would carry the hour it
// was built at. The host sets the time whenever it enters JavaScript, as Workers does
// (https://developers.cloudflare.com/workers/reference/security-model/#step-1-disallow-timers-and-multi-threading).
(function () {
  const { core, primordials } = __bootstrap;
  const {
    Date: NativeDate,
    DatePrototypeToString,
    ObjectDefineProperties,
    ObjectDefineProperty,
    ObjectGetOwnPropertyDescriptor,
    ReflectApply,
    ReflectConstruct,
    SafeWeakMap,
  } = primordials;
  const { op_eyot_now } = core.ops;

  function Date(...args) {
    if (new.target === undefined) return DatePrototypeToString(new NativeDate(op_eyot_now()));
    // The prototype is the same one; V8 makes a new shape for every object that one function constructs for another.
    return ReflectConstruct(
      NativeDate,
      args.length === 0 ? [op_eyot_now()] : args,
      new.target === Date ? NativeDate : new.target,
    );
  }

  const { hidden } = core.loadExtScript("ext:eyot/hidden.js");

  ObjectDefineProperties(Date, {
    prototype: { __proto__: null, value: NativeDate.prototype, writable: false, enumerable: false, configurable: false },
    length: { __proto__: null, value: 7, writable: false, enumerable: false, configurable: true },
    now: hidden({ now: () => op_eyot_now() }.now),
    parse: hidden(NativeDate.parse),
    UTC: hidden(NativeDate.UTC),
  });

  /** A formatter that is given no date takes V8's own time: it gets ours instead. */
  function stopFormatters(prototype) {
    const { get } = ObjectGetOwnPropertyDescriptor(prototype, "format");
    const { formatToParts } = prototype;
    const orNow = (date) => date === undefined ? op_eyot_now() : date;
    const formatters = new SafeWeakMap();
    ObjectDefineProperty(prototype, "format", {
      __proto__: null,
      get() {
        const native = ReflectApply(get, this, []);
        let format = formatters.get(native);
        if (format === undefined) {
          format = (date) => native(orNow(date));
          formatters.set(native, format);
        }
        return format;
      },
      enumerable: false,
      configurable: true,
    });
    ObjectDefineProperty(prototype, "formatToParts", hidden({
      formatToParts(date) {
        return ReflectApply(formatToParts, this, [orNow(date)]);
      },
    }.formatToParts));
  }

  function install(target) {
    stopFormatters(target.Intl.DateTimeFormat.prototype);
    ObjectDefineProperty(NativeDate.prototype, "constructor", hidden(Date));
    ObjectDefineProperty(target, "Date", hidden(Date));
  }

  return { install };
})()
