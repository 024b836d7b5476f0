// `Error.stackTraceLimit`, https://v8.dev/docs/stack-trace-api, across snapshots.
//
// V8 makes this property when an isolate starts from a snapshot, and must find its place free: it ends the process otherwise.
// While a snapshot is built there is none. Many libraries set it at the top level, if only for a moment.
(function () {
  const { primordials } = __bootstrap;
  const { Error, ObjectDefineProperty, ObjectGetOwnPropertyDescriptor, ReflectDeleteProperty } = primordials;

  const NAME = "stackTraceLimit";
  const FRAMES = 10;
  // What the top level has left, while a snapshot is taken and until an isolate has started from it; null when that is nothing.
  let left;

  /** Has the property there as the script left it, or as it finds it first; in every isolate, before a script's code. */
  function settle() {
    if (left === null) {
      ReflectDeleteProperty(Error, NAME);
    } else if (left !== undefined) {
      ObjectDefineProperty(Error, NAME, left);
    } else if (ObjectGetOwnPropertyDescriptor(Error, NAME) === undefined) {
      ObjectDefineProperty(Error, NAME, { __proto__: null, value: FRAMES, writable: true, enumerable: true, configurable: true });
    }
    left = undefined;
  }

  /** Takes it away, right before a snapshot is taken. */
  function shed() {
    const found = ObjectGetOwnPropertyDescriptor(Error, NAME);
    left = found === undefined ? null : { __proto__: null, ...found };
    if (!ReflectDeleteProperty(Error, NAME)) throw new Error("the script has fixed Error.stackTraceLimit");
  }

  return { settle, shed };
})()
