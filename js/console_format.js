// What is logged as text, the way Node.js prints it: https://nodejs.org/api/util.html#utilformatformat-args and
// https://nodejs.org/api/console.html#consoletabletabulardata-properties
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypePush,
    Error,
    ErrorPrototype,
    FunctionPrototypeToString,
    JSONStringify,
    MapPrototypeForEach,
    MapPrototypeGetSize,
    MathMax,
    Number,
    NumberParseFloat,
    NumberParseInt,
    ObjectGetPrototypeOf,
    ObjectHasOwn,
    ObjectIs,
    ObjectKeys,
    ObjectPrototypeIsPrototypeOf,
    SafeMap,
    SetPrototypeForEach,
    SetPrototypeGetSize,
    String,
    StringPrototypeIndexOf,
    StringPrototypeRepeat,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
  } = primordials;
  const { getStringWidth, inspect: denoInspect } = core.loadExtScript("ext:deno_web/01_console.js");

  const QUOTES = ["'", '"', "`"];
  const REVOKED = "Cannot inspect a proxy that has been revoked";

  /** Node's `util.inspect`, two levels deep unless it is told otherwise. */
  function inspect(value, options = undefined) {
    try {
      return denoInspect(value, { __proto__: null, quotes: QUOTES, depth: 2, colors: false, ...options });
    } catch (error) {
      // Deno's gives up on one anywhere within.
      if (error?.message === REVOKED) return "<Revoked Proxy>";
      throw error;
    }
  }

  const numberText = (value) => ObjectIs(value, -0) ? "-0" : `${value}`;
  const bigintText = (value) => `${value}n`;

  /** Whether an object's class is one that brings no text of its own: then it is shown, not converted. */
  function hasNoOwnText(value) {
    if (ObjectPrototypeIsPrototypeOf(ErrorPrototype, value)) return false;
    for (let holder = value; holder !== null; holder = ObjectGetPrototypeOf(holder)) {
      if (!ObjectHasOwn(holder, "toString")) continue;
      const { toString } = holder;
      return typeof toString !== "function" || StringPrototypeIndexOf(FunctionPrototypeToString(toString), "[native code]") !== -1;
    }
    return true;
  }

  function asString(value) {
    if (typeof value === "number") return numberText(value);
    if (typeof value === "bigint") return bigintText(value);
    if (typeof value !== "object" || value === null || !hasNoOwnText(value)) return String(value);
    return inspect(value, { __proto__: null, depth: 0 });
  }

  function asJson(value) {
    try {
      return JSONStringify(value);
    } catch (error) {
      if (StringPrototypeStartsWith(`${error?.message}`, "Converting circular")) return "[Circular]";
      throw error;
    }
  }

  function asNumber(value) {
    if (typeof value === "bigint") return bigintText(value);
    return typeof value === "symbol" ? "NaN" : numberText(Number(value));
  }

  function asInteger(value) {
    if (typeof value === "bigint") return bigintText(value);
    return typeof value === "symbol" ? "NaN" : numberText(NumberParseInt(value));
  }

  const DIRECTIVES = {
    __proto__: null,
    c: () => "",
    d: asNumber,
    f: (value) => typeof value === "symbol" ? "NaN" : numberText(NumberParseFloat(value)),
    i: asInteger,
    j: asJson,
    o: (value) => inspect(value, { __proto__: null, showHidden: true, showProxy: true, depth: 4 }),
    O: (value) => inspect(value),
    s: asString,
  };

  /** The text of what a method of the console was called with. */
  function format(values) {
    let text = "";
    let next = 0;
    if (typeof values[0] === "string") {
      text = values[next++];
      if (values.length > 1) ({ next, text } = substituted(text, values));
    }
    for (; next < values.length; next++) {
      if (next > 0) text += " ";
      text += typeof values[next] === "string" ? values[next] : inspect(values[next]);
    }
    return text;
  }

  /** The first value with the others put where it says so, and which is the first that it has no place for. */
  function substituted(pattern, values) {
    let text = "";
    let next = 1;
    let from = 0;
    for (let at = StringPrototypeIndexOf(pattern, "%"); at !== -1; at = StringPrototypeIndexOf(pattern, "%", at)) {
      const mark = pattern[at + 1];
      const directive = mark === undefined ? undefined : DIRECTIVES[mark];
      if (mark === "%") {
        text += StringPrototypeSlice(pattern, from, at + 1);
      } else if (directive !== undefined && next < values.length) {
        text += StringPrototypeSlice(pattern, from, at) + directive(values[next++]);
      } else {
        at++;
        continue;
      }
      at += 2;
      from = at;
    }
    return { __proto__: null, next, text: text + StringPrototypeSlice(pattern, from) };
  }

  const CELL = { __proto__: null, maxArrayLength: 3, breakLength: Infinity };
  const cell = (value) => {
    const isDeep = typeof value === "object" && value !== null && ObjectKeys(value).length > 2;
    return inspect(value, { __proto__: null, ...CELL, depth: isDeep ? -1 : 0 });
  };

  /** Rows of a table: the name of each and its value; Map entries have a key besides. */
  function rowsOf(data) {
    const rows = [];
    const add = (name, value, key) => ArrayPrototypePush(rows, { __proto__: null, name, value, key });
    const size = mapSize(data);
    if (size !== undefined) {
      MapPrototypeForEach(data, (value, key) => add(`${rows.length}`, value, cell(key)));
      return { __proto__: null, rows, title: "(iteration index)", hasKeys: true };
    }
    if (setSize(data) !== undefined) {
      SetPrototypeForEach(data, (value) => add(`${rows.length}`, value));
      return { __proto__: null, rows, title: "(iteration index)", hasKeys: false };
    }
    const names = ObjectKeys(data);
    for (let i = 0; i < names.length; i++) add(names[i], data[names[i]]);
    return { __proto__: null, rows, title: "(index)", hasKeys: false };
  }

  function mapSize(value) {
    try {
      return MapPrototypeGetSize(value);
    } catch {
      return undefined;
    }
  }

  function setSize(value) {
    try {
      return SetPrototypeGetSize(value);
    } catch {
      return undefined;
    }
  }

  /** A table of what has rows; undefined for what has none. */
  function table(data, properties) {
    if (data === null || typeof data !== "object") return undefined;
    if (properties !== undefined && !ArrayIsArray(properties)) throw new Error("console.table: the properties are not an array.");
    const { rows, title, hasKeys } = rowsOf(data);
    const columns = new SafeMap();
    const values = [];
    let hasValues = false;
    for (let row = 0; row < rows.length; row++) {
      const { value } = rows[row];
      const isPrimitive = value === null || (typeof value !== "object" && typeof value !== "function");
      // What a Map holds stands in one column.
      if (hasKeys || isPrimitive && properties === undefined) {
        values[row] = cell(value);
        hasValues = true;
        continue;
      }
      const keys = properties ?? ObjectKeys(value);
      for (let i = 0; i < keys.length; i++) {
        const key = `${keys[i]}`;
        if (!columns.has(key)) columns.set(key, []);
        if (!isPrimitive && ObjectHasOwn(value, key)) columns.get(key)[row] = cell(value[key]);
      }
    }
    const lists = [{ __proto__: null, title, cells: listOf(rows, (row) => row.name) }];
    if (hasKeys) ArrayPrototypePush(lists, { __proto__: null, title: "Key", cells: listOf(rows, (row) => row.key) });
    columns.forEach((cells, name) => ArrayPrototypePush(lists, { __proto__: null, title: name, cells }));
    if (hasValues) ArrayPrototypePush(lists, { __proto__: null, title: "Values", cells: values });
    return drawn(lists, rows.length);
  }

  function listOf(rows, pick) {
    const list = [];
    for (let i = 0; i < rows.length; i++) ArrayPrototypePush(list, pick(rows[i]));
    return list;
  }

  function drawn(lists, height) {
    const widths = [];
    for (let i = 0; i < lists.length; i++) {
      let width = getStringWidth(lists[i].title);
      for (let row = 0; row < height; row++) width = MathMax(width, getStringWidth(lists[i].cells[row] ?? ""));
      widths[i] = width + 2;
    }
    const rule = (left, middle, right) => {
      let line = left;
      for (let i = 0; i < widths.length; i++) line += (i === 0 ? "" : middle) + StringPrototypeRepeat("\u2500", widths[i]);
      return line + right;
    };
    const line = (textOf) => {
      let text = "\u2502";
      for (let i = 0; i < lists.length; i++) {
        const content = textOf(lists[i]) ?? "";
        text += ` ${content}${StringPrototypeRepeat(" ", widths[i] - getStringWidth(content) - 1)}\u2502`;
      }
      return text;
    };
    let text = `${rule("\u250c", "\u252c", "\u2510")}\n${line((list) => list.title)}\n${rule("\u251c", "\u253c", "\u2524")}\n`;
    for (let row = 0; row < height; row++) text += `${line((list) => list.cells[row])}\n`;
    return text + rule("\u2514", "\u2534", "\u2518");
  }

  return { format, inspect, table };
})()
