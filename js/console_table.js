// What console.table draws, as Node.js does: https://nodejs.org/api/console.html#consoletabletabulardata-properties
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayIsArray,
    ArrayPrototypePush,
    Error,
    MapPrototypeForEach,
    MathMax,
    ObjectHasOwn,
    ObjectKeys,
    SafeMap,
    SetPrototypeForEach,
    StringPrototypeRepeat,
  } = primordials;
  const { op_preview_entries } = core.ops;
  const { getStringWidth, inspect } = core.loadExtScript("ext:eyot_node/lib/internal/util/inspect.js");

  const ITERATED = "(iteration index)";
  const CELL = { __proto__: null, maxArrayLength: 3, breakLength: Infinity };
  const cell = (value) => {
    const isDeep = typeof value === "object" && value !== null && ObjectKeys(value).length > 2;
    return inspect(value, { __proto__: null, ...CELL, depth: isDeep ? -1 : 0 });
  };

  /** Rows of a table: the name of each and its value; entries of a Map have a key besides. */
  function rowsOf(data) {
    const rows = [];
    const add = (name, value, key) => ArrayPrototypePush(rows, { __proto__: null, name, value, key });
    const iterated = (hasKeys) => ({ __proto__: null, rows, title: ITERATED, hasKeys });
    if (core.isMap(data)) {
      MapPrototypeForEach(data, (value, key) => add(`${rows.length}`, value, cell(key)));
      return iterated(true);
    }
    if (core.isSet(data)) {
      SetPrototypeForEach(data, (value) => add(`${rows.length}`, value));
      return iterated(false);
    }
    if (core.isMapIterator(data) || core.isSetIterator(data)) {
      const { 0: entries, 1: isOfPairs } = op_preview_entries(data, true);
      const hasKeys = isOfPairs && core.isMapIterator(data);
      for (let i = 0; i < entries.length; i++) {
        if (hasKeys) add(`${rows.length}`, entries[i + 1], cell(entries[i++]));
        else add(`${rows.length}`, entries[i]);
      }
      return iterated(hasKeys);
    }
    const names = ObjectKeys(data);
    for (let i = 0; i < names.length; i++) add(names[i], data[names[i]]);
    return { __proto__: null, rows, title: "(index)", hasKeys: false };
  }

  /** A table of what has rows; undefined for what has none. */
  function table(data, properties) {
    if (data === null || typeof data !== "object") return undefined;
    if (properties !== undefined && !ArrayIsArray(properties)) throw new Error("console.table: the properties are not an array.");
    const { rows, title, hasKeys } = rowsOf(data);
    const columns = new SafeMap();
    const values = [];
    let hasValues = title === ITERATED;
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

  return { table };
})()
