// @vitest-environment node
import { describe, expect, it } from "vitest";
import { between, bucketsOf, labelEvery, timeOf } from "../../src/activity/stretch";
import { T0 } from "../builders";

const HOUR = 3_600_000;
const hours = (many: number) =>
  Array.from({ length: many }, (_, n) => ({
    starts_at: T0 + n * HOUR,
    ends_at: T0 + (n + 1) * HOUR,
    sessions: n,
    active: 0,
    events: n,
  }));

describe("what was dragged over", () => {
  it("is the buckets that were touched", () => {
    expect(between(1.6, 3.4, 10)).toEqual({ first: 2, last: 3 });
    expect(between(1.4, 3.6, 10)).toEqual({ first: 1, last: 4 });
    expect(between(2.1, 2.2, 10)).toEqual({ first: 2, last: 2 });
  });

  it("is the same from right to left", () => {
    expect(between(3.4, 1.6, 10)).toEqual(between(1.6, 3.4, 10));
  });

  it("ends on an edge without the bucket behind it", () => {
    expect(between(0.5, 1.5, 10)).toEqual({ first: 1, last: 1 });
  });

  it("stays within what there is", () => {
    expect(between(-3, 99, 10)).toEqual({ first: 0, last: 9 });
    expect(between(-0.5, -0.5, 1)).toEqual({ first: 0, last: 0 });
    expect(between(0, 1, 0)).toBeNull();
  });
});

describe("the time of buckets", () => {
  it("is from the first one's beginning to the last one's end", () => {
    expect(timeOf(hours(5), { first: 1, last: 2 }, null, T0)).toEqual({ from: T0 + HOUR, to: T0 + 3 * HOUR });
  });

  it("never goes beyond what is shown", () => {
    const shown = { kind: "between", from: T0 + 5, to: T0 + 5 * HOUR - 7 } as const;
    expect(timeOf(hours(5), { first: 0, last: 4 }, shown, T0)).toEqual({
      from: T0 + 5,
      to: T0 + 5 * HOUR - 7,
    });
    const last = { kind: "last", last: "1h" } as const;
    expect(timeOf(hours(2), { first: 0, last: 1 }, last, T0 + 1.5 * HOUR)?.from).toBe(T0 + HOUR / 2);
  });

  it("is none where there are none", () => {
    expect(timeOf([], { first: 0, last: 0 }, null, T0)).toBeNull();
  });
});

describe("the buckets of a time", () => {
  it("are those that were chosen", () => {
    const buckets = hours(5);
    for (let first = 0; first < 5; first += 1) {
      for (let last = first; last < 5; last += 1) {
        const stretch = timeOf(buckets, { first, last }, null, T0);
        expect(stretch && bucketsOf(buckets, stretch)).toEqual({ first, last });
      }
    }
  });

  it("are what is left of them when the series has moved on", () => {
    const buckets = hours(5);
    expect(bucketsOf(buckets.slice(2), { from: T0 + HOUR, to: T0 + 4 * HOUR })).toEqual({
      first: 0,
      last: 1,
    });
    expect(bucketsOf(buckets.slice(3), { from: T0, to: T0 + HOUR })).toBeNull();
  });
});

it("labels no more buckets than there is room for", () => {
  for (let buckets = 1; buckets < 120; buckets += 1) {
    for (let most = 1; most < 20; most += 1) {
      expect(Math.ceil(buckets / labelEvery(buckets, most))).toBeLessThanOrEqual(most);
    }
  }
  expect(labelEvery(24, 0)).toBe(24);
});
