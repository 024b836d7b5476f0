// node:_http_common: the checks that Node's HTTP is made of.
(function () {
  const { core, primordials } = __bootstrap;
  const { RegExpPrototypeExec, SafeRegExp, Symbol } = primordials;
  const { METHODS } = core.loadExtScript("ext:eyot_node/http_names.js");

  const TOKEN = new SafeRegExp("^[\\^_`a-zA-Z\\-0-9!#$%&'*+.|~]+$");
  const NOT_IN_A_VALUE = new SafeRegExp("[^\\t\\x20-\\x7e\\x80-\\xff]");
  const exported = {
    CRLF: "\r\n",
    _checkInvalidHeaderChar: (value) => RegExpPrototypeExec(NOT_IN_A_VALUE, `${value}`) !== null,
    _checkIsHttpToken: (value) => RegExpPrototypeExec(TOKEN, `${value}`) !== null,
    chunkExpression: /(?:^|\W)chunked(?:$|\W)/i,
    continueExpression: /(?:^|\W)100-continue(?:$|\W)/i,
    kIncomingMessage: Symbol("IncomingMessage"),
    methods: METHODS,
    // Nothing is parsed here: the host does it.
    parsers: { name: "parsers", max: 1000 },
  };
  return { ...exported, default: exported };
})()
