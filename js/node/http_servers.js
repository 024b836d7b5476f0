// The servers of node:http that listen, by the port numbers of the isolate's own: apart, so that looking for one loads no
// server.
(function () {
  const { primordials } = __bootstrap;
  const { ArrayPrototypePush, MapPrototypeForEach, SafeMap } = primordials;

  const servers = new SafeMap();

  function listening() {
    const found = [];
    MapPrototypeForEach(servers, (server) => ArrayPrototypePush(found, server));
    return found;
  }

  return { listening, servers };
})()
