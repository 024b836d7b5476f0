// Small libraries of every day: immer, date-fns, uuid, nanoid.
import { formatISO, addBusinessDays, differenceInCalendarDays, parseISO } from "date-fns";
import { produce } from "immer";
import { nanoid } from "nanoid";
import { v5, v7, validate, version } from "uuid";

export default {
  fetch() {
    const before = { list: [{ done: false }], more: new Map([["k", 1]]) };
    const after = produce(before, (draft) => {
      draft.list[0].done = true;
      draft.list.push({ done: false });
    });
    return Response.json({
      kept: before.list[0].done,
      after: after.list,
      shared: after.more === before.more,
      day: formatISO(addBusinessDays(new Date(2026, 0, 2), 3), { representation: "date" }),
      days: differenceInCalendarDays(parseISO("2026-03-01"), parseISO("2026-02-01")),
      named: v5("name", v5.URL),
      fresh: [version(v7()), validate(v7()), nanoid().length],
    });
  },
};
