// RxJS pipelines, timers among them.
import { concat, from, interval, lastValueFrom, of } from "rxjs";
import { delay, filter, map, mergeMap, scan, take, toArray } from "rxjs/operators";

export default {
  async fetch() {
    const sums = from([1, 2, 3, 4]).pipe(filter((value) => value % 2 === 0), scan((sum, value) => sum + value, 0));
    const later = concat(of("now"), of("then").pipe(delay(1)));
    const ticks = interval(1).pipe(take(3), mergeMap((value) => of(value, -value)), map(String));
    return Response.json(await Promise.all([sums, later, ticks].map((source) => lastValueFrom(source.pipe(toArray())))));
  },
};
