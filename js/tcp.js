// TCP connections of a run: counted as subrequests, under the egress policy, closed with the run at the latest.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    Error,
    ObjectPrototypeIsPrototypeOf,
    RegExpPrototypeExec,
    SafeRegExp,
    TypedArrayPrototypeSubarray,
    TypeError,
    Uint8Array,
  } = primordials;
  const {
    op_eyot_connection_close,
    op_eyot_connection_finish,
    op_eyot_connection_open,
    op_eyot_connection_read,
    op_eyot_connection_secure,
    op_eyot_connection_write,
    op_eyot_subrequest_begin,
    op_eyot_subrequest_end,
    op_eyot_subrequest_start,
  } = core.ops;
  const { runOrRefuse } = core.loadExtScript("ext:eyot/dispatch.js");

  const CODED = new SafeRegExp("^(E[A-Z]+): ([^]*)$");
  const READ_BYTES = 16384;

  /** What the host says with the code that Node knows it by. */
  function coded(error) {
    const found = ObjectPrototypeIsPrototypeOf(Error.prototype, error) ? RegExpPrototypeExec(CODED, error.message) : null;
    if (found === null) return error;
    const plain = new Error(found[2]);
    plain.code = found[1];
    return plain;
  }

  async function attempt(promise) {
    try {
      return await promise;
    } catch (error) {
      throw coded(error);
    }
  }

  /** Counts what asks something of the network, and gives the run that does. */
  function begin() {
    const { id } = runOrRefuse();
    op_eyot_subrequest_begin(id, false);
    return id;
  }

  /** Does `work` in one of the places for open subrequests. */
  async function inPlace(id, work) {
    await op_eyot_subrequest_start(id);
    try {
      return await attempt(work());
    } finally {
      op_eyot_subrequest_end(id);
    }
  }

  /** Refuses at once what is not counted; what it gives then is a promise of a connection. */
  function open(hostname, port, secure) {
    const id = begin();
    return inPlace(id, () => op_eyot_connection_open(id, hostname, port, secure));
  }

  /** Bytes; none at the end, null when TLS has begun instead. */
  async function read(connection) {
    const buffer = new Uint8Array(READ_BYTES);
    const length = await attempt(op_eyot_connection_read(connection, buffer));
    return length < 0 ? null : TypedArrayPrototypeSubarray(buffer, 0, length);
  }

  const write = (connection, bytes) => attempt(op_eyot_connection_write(connection, bytes));
  const finish = (connection) => attempt(op_eyot_connection_finish(connection));
  const secure = (connection, hostname) => attempt(op_eyot_connection_secure(connection, hostname));
  const close = (connection) => op_eyot_connection_close(connection);

  /** A port as programs give it. */
  function portOf(value) {
    const port = typeof value === "string" && value !== "" ? +value : value;
    if (typeof port !== "number" || !(port >= 0 && port <= 65535) || port % 1 !== 0) {
      throw new TypeError(`Port should be >= 0 and < 65536. Received ${value}.`);
    }
    return port;
  }

  return { begin, close, coded, finish, inPlace, open, portOf, read, secure, write };
})()
