// Thrown values, which may be anything: what a log and what another isolate are told of one.
(function () {
  const { primordials } = __bootstrap;
  const { String } = primordials;

  /** What a thrown value is for a log: the stack if it has one. Reading it may run the script's own getters. */
  function describe(error) {
    try {
      if (typeof error === "object" && error !== null) {
        const { stack, name, message } = error;
        if (typeof stack === "string" && stack !== "") return stack;
        if (message !== undefined) return `${name ?? "Error"}: ${message}`;
      }
      return String(error);
    } catch {
      return "an exception that cannot be shown";
    }
  }

  /** The name and message of a thrown value, for another isolate. */
  function describeParts(error) {
    try {
      if (typeof error === "object" && error !== null) {
        return { name: `${error.name ?? "Error"}`, message: `${error.message ?? ""}` };
      }
      return { name: "Error", message: String(error) };
    } catch {
      return { name: "Error", message: "an exception that cannot be shown" };
    }
  }

  return { describe, describeParts };
})()
