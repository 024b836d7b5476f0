// Terminal colours of assertion messages: a script has no terminal.
(function () {
  return {
    blue: "",
    clear: "",
    gray: "",
    green: "",
    hasColors: false,
    red: "",
    refresh() {},
    reset: "",
    shouldColorize: () => false,
    white: "",
    yellow: "",
  };
})()
