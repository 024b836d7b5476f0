// Hops: how many scripts a request has passed through, told to whoever it is sent to, so that loops end.
//
// Counted where the headers leave for the host, redirects included: nothing of a script runs after that, and what it says
// under this name itself is not sent.
(function () {
  const { core, primordials } = __bootstrap;
  const { ArrayPrototypePush, StringPrototypeToLowerCase } = primordials;
  const { currentRun } = core.loadExtScript("ext:eyot/dispatch.js");

  /** These headers with the count. */
  function counted(headerList) {
    const list = [["eyot-hops", `${(currentRun()?.hops ?? 0) + 1}`]];
    for (let i = 0; i < headerList.length; i++) {
      if (StringPrototypeToLowerCase(headerList[i][0]) !== "eyot-hops") ArrayPrototypePush(list, headerList[i]);
    }
    return list;
  }

  return { counted };
})()
