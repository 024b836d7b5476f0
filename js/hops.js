// Hops: how many scripts a request has passed through, told to whoever it is sent to, so that loops end; and where a
// redirect leads.
//
// Counted where the headers leave for the host, redirects included: nothing of a script runs after that, and what it says
// under this name itself is not sent.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypePush, RegExpPrototypeExec, SafeRegExp, StringPrototypeCharCodeAt, StringPrototypeIncludes,
    StringPrototypeToLowerCase, Uint8Array } = primordials;
  const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");

  const NOT_ASCII = new SafeRegExp(/[\x80-\xff]/);

  /** These headers with the count. */
  function counted(headerList) {
    const list = [["eyot-hops", `${(currentRun()?.hops ?? 0) + 1}`]];
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) !== "eyot-hops") ArrayPrototypePush(list, headerList[i]);
    }
    return list;
  }

  /** A redirect's target: bytes, which are UTF-8 if they can be, as they are in browsers. */
  function locationOf(value) {
    if (RegExpPrototypeExec(NOT_ASCII, value) === null) return value;
    const bytes = new Uint8Array(value.length);
    for (let i = 0; i < value.length; i++) bytes[i] = StringPrototypeCharCodeAt(value, i);
    const text = core.decode(bytes);
    return StringPrototypeIncludes(text, "\ufffd") ? value : text;
  }

  return { counted, locationOf };
})()
