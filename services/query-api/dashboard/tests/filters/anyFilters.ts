// Filters as somebody might ask for them, from a seed: the same seed gives the same ones.
import {
  distinct,
  type Filters,
  FRICTIONS,
  LAST_MS,
  type Last,
  LATEST_AT,
  type Order,
} from "../../src/filters/filters";

const TEXTS = ["/a", "a&b=c#d", "100%", "ü ß 漢 🙂", "+ +", "“x”", "?last=1h", "status", "%zz", "a;b", "\\"];
const NAMES = ["Chrome", "chrome mobile", "Mac OS X", "A&B", "Ünder", "a,b", "x=y"];

export class Chance {
  constructor(private seed: number) {}

  /** 0 to 1, by Mulberry32. */
  next(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  whole(below: number): number {
    return Math.floor(this.next() * below);
  }

  of<Value>(values: readonly Value[]): Value {
    const value = values[this.whole(values.length)];
    if (value === undefined) throw new Error("There is nothing to choose from.");
    return value;
  }

  some<Value>(values: readonly Value[]): Value[] {
    return values.filter(() => this.next() < 0.4);
  }

  maybe<Value>(make: () => Value): Value | null {
    return this.next() < 0.5 ? null : make();
  }
}

export function anyFilters(chance: Chance): Filters {
  const from = chance.whole(LATEST_AT);
  const text = () => chance.of(TEXTS) + chance.of(TEXTS);
  return {
    status: chance.maybe(() => chance.of(["active", "completed"] as const)),
    time: chance.of([
      null,
      { kind: "last", last: chance.of(Object.keys(LAST_MS) as Last[]) },
      { kind: "between", from, to: null },
      { kind: "between", from: null, to: from },
      { kind: "between", from, to: from + 1 + chance.whole(LATEST_AT - from) },
    ]),
    url: chance.maybe(text),
    browsers: distinct(chance.some(NAMES)),
    oses: distinct(chance.some(NAMES)),
    countries: chance.some(["NL", "AT", "ZZ"]),
    visitor: chance.maybe(text),
    minDurationMs: chance.maybe(() => chance.whole(2 ** 52)),
    minEvents: chance.maybe(() => chance.whole(1_000)),
    replayable: chance.maybe(() => chance.of([true, false])),
    has: chance.some(FRICTIONS),
  };
}

export function anyOrder(chance: Chance): Order {
  return {
    sort: chance.of(["started_at", "duration", "events"]),
    direction: chance.of(["desc", "asc"]),
  };
}
