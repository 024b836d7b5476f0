// node:dns: names by the host's resolver, each question counted as a subrequest.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayPrototypeFilter,
    ArrayPrototypeJoin,
    ArrayPrototypeMap,
    ArrayPrototypePush,
    ArrayPrototypeReverse,
    ArrayPrototypeSort,
    Error,
    NumberParseInt,
    ObjectAssign,
    PromisePrototypeThen,
    SafeArrayIterator,
    StringPrototypePadStart,
    StringPrototypeSplit,
    TypeError,
  } = primordials;
  const { op_eyot_dns_lookup, op_eyot_dns_records } = core.ops;
  const unenv = core.loadExtScript("ext:eyot_node/unenv/dns_promises.js");
  const { isIP } = core.loadExtScript("ext:eyot_node/addresses.js");
  const { nextTick } = core.loadExtScript("ext:eyot_node/ticks.js");
  const { ERR_INVALID_ARG_VALUE, ERR_METHOD_NOT_IMPLEMENTED } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const { validateBoolean, validateFunction, validateOneOf, validateString } = core.loadExtScript(
    "ext:eyot_node/deno/internal/validators.js",
  );
  const tcp = () => core.loadExtScript("ext:eyot/tcp.js");

  let order = "verbatim";

  function failure(error, syscall, hostname) {
    const code = error?.message;
    if (typeof code !== "string" || code[0] !== "E" || StringPrototypeSplit(code, " ").length > 1) return error;
    const errno = syscall === "getaddrinfo" ? -3008 : undefined;
    return ObjectAssign(new Error(`${syscall} ${code} ${hostname}`), { errno, code, syscall, hostname });
  }

  async function ask(syscall, hostname, work) {
    const id = tcp().begin();
    try {
      return await tcp().inPlace(id, work);
    } catch (error) {
      throw failure(error, syscall, hostname);
    }
  }

  async function addresses(hostname, options) {
    const family = options.family === "IPv4" ? 4 : options.family === "IPv6" ? 6 : options.family ?? 0;
    validateOneOf(family, "family", [0, 4, 6]);
    const literal = isIP(hostname);
    const found = literal !== 0 ? [hostname] : await ask("getaddrinfo", hostname, () => op_eyot_dns_lookup(hostname));
    const listed = ArrayPrototypeMap(found, (address) => ({ address, family: isIP(address) }));
    const fitting = family === 0 ? listed : ArrayPrototypeFilter(listed, (entry) => entry.family === family);
    if (fitting.length === 0) throw failure(new Error("ENOTFOUND"), "getaddrinfo", hostname);
    const first = options.order ?? (options.verbatim === false ? "ipv4first" : order);
    if (first === "verbatim") return fitting;
    const wanted = first === "ipv4first" ? 4 : 6;
    return ArrayPrototypeSort(fitting, (one, other) => (other.family === wanted) - (one.family === wanted));
  }

  function lookedUp(hostname, options) {
    if (hostname) validateString(hostname, "hostname");
    if (typeof options === "number") options = { family: options };
    options ??= {};
    if (options.all !== undefined) validateBoolean(options.all, "options.all");
    return options;
  }

  function lookup(hostname, options, callback = undefined) {
    if (typeof options === "function") [options, callback] = [undefined, options];
    validateFunction(callback, "callback");
    options = lookedUp(hostname, options);
    if (!hostname) {
      nextTick(() => options.all ? callback(null, []) : callback(null, null, options.family === 6 ? 6 : 4));
      return {};
    }
    PromisePrototypeThen(addresses(hostname, options), (found) => {
      if (options.all) callback(null, found);
      else callback(null, found[0].address, found[0].family);
    }, (error) => callback(error));
    return {};
  }

  async function lookupPromised(hostname, options = undefined) {
    options = lookedUp(hostname, options);
    if (!hostname) return options.all ? [] : { address: null, family: options.family === 6 ? 6 : 4 };
    const found = await addresses(hostname, options);
    return options.all ? found : found[0];
  }

  const plain = (record) => record.value;
  const SHAPES = {
    __proto__: null,
    A: (record, options) => options?.ttl ? { address: record.address, ttl: record.ttl } : record.address,
    AAAA: (record, options) => options?.ttl ? { address: record.address, ttl: record.ttl } : record.address,
    CAA: ({ critical, tag, value }) => ({ critical, [tag]: value }),
    CNAME: plain,
    NS: plain,
    PTR: plain,
    TXT: (record) => record.entries,
  };
  const SYSCALLS = { __proto__: null, A: "queryA", AAAA: "queryAaaa", CAA: "queryCaa", CNAME: "queryCname", MX: "queryMx", NAPTR: "queryNaptr", NS: "queryNs", PTR: "queryPtr", SOA: "querySoa", SRV: "querySrv", TXT: "queryTxt" };

  async function records(kind, hostname, options = undefined) {
    validateString(hostname, "name");
    const found = await ask(SYSCALLS[kind], hostname, () => op_eyot_dns_records(hostname, kind));
    if (found.length === 0) throw failure(new Error("ENODATA"), SYSCALLS[kind], hostname);
    if (kind === "SOA") return found[0];
    return SHAPES[kind] === undefined ? found : ArrayPrototypeMap(found, (record) => SHAPES[kind](record, options));
  }

  async function any(hostname) {
    const all = [];
    for (const kind of new SafeArrayIterator(["A", "AAAA", "CNAME", "MX", "NS", "TXT", "SOA"])) {
      try {
        const found = await ask("queryAny", hostname, () => op_eyot_dns_records(hostname, kind));
        for (let i = 0; i < found.length; i++) ArrayPrototypePush(all, { ...found[i], type: kind });
      } catch (error) {
        if (error?.code !== "ENODATA") throw error;
      }
    }
    return all;
  }

  async function reverse(address) {
    const kind = isIP(address);
    if (kind === 0) throw ObjectAssign(new Error(`getHostByAddr EINVAL ${address}`), { errno: -22, code: "EINVAL", syscall: "getHostByAddr", hostname: address });
    const name = kind === 4
      ? `${ArrayPrototypeJoin(ArrayPrototypeReverse(StringPrototypeSplit(address, ".")), ".")}.in-addr.arpa`
      : `${ArrayPrototypeJoin(ArrayPrototypeReverse(StringPrototypeSplit(whole(address), "")), ".")}.ip6.arpa`;
    try {
      return await records("PTR", name);
    } catch (error) {
      throw failure(new Error(error?.code ?? "EIO"), "getHostByAddr", address);
    }
  }

  /** An IPv6 address as its 32 digits. */
  function whole(address) {
    const [left, right] = StringPrototypeSplit(StringPrototypeSplit(address, "%")[0], "::");
    const pieces = (part) => part === undefined || part === "" ? [] : StringPrototypeSplit(part, ":");
    const [head, tail] = [pieces(left), pieces(right)];
    const last = tail.length > 0 ? tail : head;
    const quad = StringPrototypeSplit(last[last.length - 1] ?? "", ".");
    if (quad.length === 4) {
      const pair = (high, low) => (NumberParseInt(high, 10) * 256 + NumberParseInt(low, 10)).toString(16);
      last.length--;
      ArrayPrototypePush(last, pair(quad[0], quad[1]), pair(quad[2], quad[3]));
    }
    let digits = "";
    for (let i = 0; i < head.length; i++) digits += StringPrototypePadStart(head[i], 4, "0");
    for (let i = head.length + tail.length; i < 8; i++) digits += "0000";
    for (let i = 0; i < tail.length; i++) digits += StringPrototypePadStart(tail[i], 4, "0");
    return digits;
  }

  async function lookupServicePromised() {
    throw new ERR_METHOD_NOT_IMPLEMENTED("dns.lookupService");
  }

  const promised = {
    resolve4: (hostname, options = undefined) => records("A", hostname, options),
    resolve6: (hostname, options = undefined) => records("AAAA", hostname, options),
    resolveAny: any,
    resolveCaa: (hostname) => records("CAA", hostname),
    resolveCname: (hostname) => records("CNAME", hostname),
    resolveMx: (hostname) => records("MX", hostname),
    resolveNaptr: (hostname) => records("NAPTR", hostname),
    resolveNs: (hostname) => records("NS", hostname),
    resolvePtr: (hostname) => records("PTR", hostname),
    resolveSoa: (hostname) => records("SOA", hostname),
    resolveSrv: (hostname) => records("SRV", hostname),
    resolveTxt: (hostname) => records("TXT", hostname),
    reverse,
    async resolve(hostname, kind = "A") {
      if (kind === "ANY") return any(hostname);
      if (typeof kind !== "string" || SYSCALLS[kind] === undefined) throw new ERR_INVALID_ARG_VALUE("rrtype", kind);
      return records(kind, hostname);
    },
  };

  /** The same with a callback as the last argument. */
  const calling = (work) => (...args) => {
    const callback = args[args.length - 1];
    validateFunction(callback, "callback");
    args.length--;
    PromisePrototypeThen(work(...new SafeArrayIterator(args)), (found) => callback(null, found), (error) => callback(error));
    return {};
  };

  function getServers() {
    return [];
  }
  // Which servers are asked is the host's to say.
  function setServers() {
    throw new TypeError("The resolver's servers are those of the system.");
  }
  function setDefaultResultOrder(value) {
    validateOneOf(value, "dnsOrder", ["verbatim", "ipv4first", "ipv6first"]);
    order = value;
  }
  const getDefaultResultOrder = () => order;

  const called = {};
  for (const name in promised) called[name] = calling(promised[name]);

  function resolverOf(methods) {
    const Resolver = class {
      cancel() {}
      getServers() {
        return getServers();
      }
      setLocalAddress() {}
      setServers(servers) {
        setServers(servers);
      }
    };
    ObjectAssign(Resolver.prototype, methods);
    return Resolver;
  }

  const shared = { getServers, setServers, setDefaultResultOrder, getDefaultResultOrder };
  const promises = {
    ADDRCONFIG: 1024,
    ALL: 256,
    V4MAPPED: 2048,
    ...unenv.default,
    ...promised,
    ...shared,
    lookup: lookupPromised,
    lookupService: lookupServicePromised,
    Resolver: resolverOf(promised),
  };
  const ours = {
    ADDRCONFIG: 1024,
    ALL: 256,
    V4MAPPED: 2048,
    ...called,
    ...shared,
    lookup,
    lookupService: calling(lookupServicePromised),
    Resolver: resolverOf(called),
    promises,
  };
  const exported = { ...unenv, ...ours };
  exported.default = { ...unenv.default, ...ours };
  return exported;
})()
