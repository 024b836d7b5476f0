// Addresses told apart, as node:net does it.
(function () {
  const { primordials } = __bootstrap;
  const { NumberParseInt, RegExpPrototypeExec, StringPrototypeIncludes, StringPrototypeSplit, SafeRegExp, ArrayPrototypePop } =
    primordials;

  const V4 = new SafeRegExp("^(?:(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)$");
  const PIECE = new SafeRegExp("^[0-9a-fA-F]{1,4}$");
  const ZONE = new SafeRegExp("^[0-9a-zA-Z\\-.:]+$");

  const isIPv4 = (address) => RegExpPrototypeExec(V4, `${address}`) !== null;

  function pieces(part) {
    if (part === "") return 0;
    const list = StringPrototypeSplit(part, ":");
    for (let i = 0; i < list.length; i++) {
      if (RegExpPrototypeExec(PIECE, list[i]) === null) return NumberParseInt("no");
    }
    return list.length;
  }

  function isIPv6(address) {
    const [text, zone, ...more] = StringPrototypeSplit(`${address}`, "%");
    if (more.length > 0 || zone !== undefined && RegExpPrototypeExec(ZONE, zone) === null) return false;
    const halves = StringPrototypeSplit(text, "::");
    if (halves.length > 2 || text === "") return false;
    const last = halves[halves.length - 1];
    let count = 0;
    // The last 32 bits may be written as IPv4.
    if (StringPrototypeIncludes(last, ".")) {
      const list = StringPrototypeSplit(last, ":");
      if (!isIPv4(ArrayPrototypePop(list))) return false;
      halves[halves.length - 1] = primordials.ArrayPrototypeJoin(list, ":");
      count = 2;
    }
    for (let i = 0; i < halves.length; i++) count += pieces(halves[i]);
    return halves.length === 2 ? count <= 7 : count === 8;
  }

  const isIP = (address) => isIPv4(address) ? 4 : isIPv6(address) ? 6 : 0;

  return { isIP, isIPv4, isIPv6 };
})()
