// A property as the language's own built-ins have them: writable, configurable, not enumerable.
(function () {
  const hidden = (value) => ({ __proto__: null, value, writable: true, enumerable: false, configurable: true });
  return { hidden };
})()
