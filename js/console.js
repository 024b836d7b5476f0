// Console: https://console.spec.whatwg.org/, written to the request's log.
(function () {
  const { core } = __bootstrap;
  const { op_eyot_log } = core.ops;
  const { Console, setNoColorFns } = core.loadExtScript("ext:deno_web/01_console.js");
  const { currentId } = core.loadExtScript("ext:eyot/dispatch.js");

  // Logs go to files and other programs as well: no terminal colours.
  setNoColorFns(
    () => true,
    () => true,
  );

  // The printer gets whole messages, each ending in a line feed, and a level: 0 debug, 1 log and info, 2 warn, 3 error.
  const console = new Console((message, level) => op_eyot_log(currentId(), level, message));

  return { console };
})()
