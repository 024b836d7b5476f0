// node:tls: client sockets under the host's TLS, which trusts the public authorities and nothing else.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypeIncludes,
    ArrayPrototypeMap,
    Error,
    ObjectAssign,
    ObjectCreate,
    ObjectSetPrototypeOf,
    PromisePrototypeThen,
    ReflectApply,
    StringPrototypeEndsWith,
    StringPrototypeIndexOf,
    StringPrototypeSlice,
    StringPrototypeSplit,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    TypeError,
  } = primordials;
  const unenv = core.loadExtScript("ext:eyot_node/unenv/tls.js");
  const { Socket, begin, normalized, stateOf } = core.loadExtScript("ext:eyot_node/net_socket.js");
  const { default: JSStreamSocket } = core.loadExtScript("ext:eyot_node/_stream_wrap.js");
  const { isIP } = core.loadExtScript("ext:eyot_node/addresses.js");
  const { ERR_METHOD_NOT_IMPLEMENTED, ERR_TLS_CERT_ALTNAME_INVALID } = core.loadExtScript(
    "ext:eyot_node/deno/internal/errors.js",
  );
  const tcp = () => core.loadExtScript("ext:eyot/tcp.js");

  function TLSSocket(socket = undefined, options = undefined) {
    if (!(this instanceof TLSSocket)) return new TLSSocket(socket, options);
    ReflectApply(Socket, this, [options ?? {}]);
    this.encrypted = true;
    this.authorized = false;
    this.authorizationError = null;
    this.alpnProtocol = false;
    this.servername = options?.servername ?? false;
    this.on("connect", () => {
      this.authorized = true;
      this.emit("secureConnect");
      this.emit("secure");
    });
    if (socket instanceof Socket) upgrade(this, socket, options ?? {});
    // What makes a handle of a stream: http2-wrapper, and so `got`, looks for its class here when it is loaded.
    else if (typeof socket?.pipe === "function") this._handle = { _parentWrap: ObjectCreate(JSStreamSocket.prototype) };
  }
  ObjectSetPrototypeOf(TLSSocket.prototype, Socket.prototype);
  ObjectSetPrototypeOf(TLSSocket, Socket);
  ObjectAssign(TLSSocket.prototype, {
    disableRenegotiation() {},
    enableTrace() {},
    exportKeyingMaterial() {
      throw new ERR_METHOD_NOT_IMPLEMENTED("tls.TLSSocket.exportKeyingMaterial");
    },
    getCertificate: () => ({}),
    getCipher: () => ({}),
    getEphemeralKeyInfo: () => ({}),
    getFinished: () => undefined,
    getPeerCertificate: () => ({}),
    getPeerFinished: () => undefined,
    getProtocol: () => null,
    getSession: () => undefined,
    getSharedSigalgs: () => [],
    getTLSTicket: () => undefined,
    isSessionReused: () => false,
    renegotiate: () => false,
    setMaxSendFragment: () => false,
    setServername(name) {
      this.servername = name;
    },
    setSession() {},
  });

  /** What the host's TLS would do otherwise than it is asked to is refused: a check that is not made must not be believed in. */
  function checked(options) {
    if (options.rejectUnauthorized === false) {
      throw new TypeError("The option rejectUnauthorized: false is not supported: certificates are always verified.");
    }
    for (const name of ["ca", "cert", "key", "pfx", "checkServerIdentity"]) {
      if (options[name] !== undefined && options[name] !== null && options[name] !== checkServerIdentity) {
        throw new TypeError(`The option ${name} is not supported.`);
      }
    }
  }

  /** Goes on under TLS where another socket was. */
  function upgrade(socket, plain, options) {
    const below = stateOf(plain);
    const host = options.servername || options.host || plain.connectingHost || "localhost";
    plain.pause();
    below.taken = true;
    begin(socket, host, below.remote?.port ?? 0, async () => {
      if (below.opened === undefined) throw new Error("The socket beneath is not connected.");
      await below.opened;
      await tcp().secure(below.connection, `${host}`);
      const shown = ({ address, port }) => `${address}:${port}`;
      return { __proto__: null, id: below.connection, remote: shown(below.remote), local: shown(below.local) };
    });
    socket.once("close", () => plain.destroy());
  }

  function connect(...args) {
    let [options, listener] = normalized(args);
    const more = args.length > 1 ? args[args.length - (listener === null ? 1 : 2)] : undefined;
    if (typeof more === "object" && more !== null && more !== options) options = { ...options, ...more };
    checked(options);
    const socket = new TLSSocket(undefined, options);
    if (listener !== null) socket.once("secureConnect", listener);
    if (options.timeout) socket.setTimeout(options.timeout);
    if (options.socket !== undefined && options.socket !== null) {
      if (!(options.socket instanceof Socket)) throw new TypeError("TLS over a stream that is not a socket is not supported.");
      upgrade(socket, options.socket, options);
      return socket;
    }
    const { host = "localhost", port } = options;
    begin(socket, host, +port, async () => {
      const name = options.servername;
      if (name === undefined || name === "" || name === host || isIP(name) !== 0) return tcp().open(`${host}`, tcp().portOf(port), true);
      const opened = await tcp().open(`${host}`, tcp().portOf(port), false);
      await tcp().secure(opened.id, `${name}`);
      return opened;
    });
    return socket;
  }

  /** RFC 6125, as far as a certificate that is given as Node gives it says. */
  function checkServerIdentity(hostname, certificate) {
    const host = StringPrototypeToLowerCase(`${hostname}`);
    const names = ArrayPrototypeMap(StringPrototypeSplit(`${certificate?.subjectaltname ?? ""}`, ", "), (entry) => StringPrototypeToLowerCase(entry));
    const matches = (name) => {
      if (name === `ip address:${host}` || name === `dns:${host}`) return true;
      if (!StringPrototypeStartsWith(name, "dns:*.")) return false;
      const dot = StringPrototypeIndexOf(host, ".");
      return dot > 0 && StringPrototypeSlice(host, dot) === StringPrototypeSlice(name, 5) && !StringPrototypeEndsWith(host, ".");
    };
    for (let i = 0; i < names.length; i++) {
      if (matches(names[i])) return undefined;
    }
    return new ERR_TLS_CERT_ALTNAME_INVALID(`Host: ${host}. is not in the cert's altnames`, host, certificate);
  }

  function createSecureContext(options = {}) {
    checked(options ?? {});
    return new unenv.SecureContext();
  }

  function Server() {
    throw new ERR_METHOD_NOT_IMPLEMENTED("tls.Server");
  }
  const createServer = () => new Server();
  const getCiphers = () => [
    "tls_aes_256_gcm_sha384", "tls_chacha20_poly1305_sha256", "tls_aes_128_gcm_sha256", "ecdhe-ecdsa-aes256-gcm-sha384",
    "ecdhe-ecdsa-chacha20-poly1305", "ecdhe-ecdsa-aes128-gcm-sha256", "ecdhe-rsa-aes256-gcm-sha384",
    "ecdhe-rsa-chacha20-poly1305", "ecdhe-rsa-aes128-gcm-sha256",
  ];

  const ours = { TLSSocket, Server, checkServerIdentity, connect, createSecureContext, createServer, getCiphers };
  const exported = { ...unenv, ...ours };
  exported.default = { ...unenv.default, ...ours };
  return exported;
})()
