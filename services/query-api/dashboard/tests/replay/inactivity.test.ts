// @vitest-environment node
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { firstAfter, passingSpeed, pauseEnd } from "../../src/replay/inactivity";
import { fullSnapshot, meta, T0, textChange } from "../builders";

const scroll = (at: number): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: { source: IncrementalSource.Scroll, id: 1, x: 0, y: 10 },
  timestamp: T0 + at,
});

describe("a pause", () => {
  const events = [
    meta(0),
    fullSnapshot(0),
    scroll(1_000),
    textChange(9_000, "the page moves"),
    scroll(31_000),
  ];

  it("reaches to a second before the visitor does something, whatever the page does meanwhile", () => {
    expect(pauseEnd(events, T0 + 1_000, T0 + 31_000)).toBe(T0 + 30_000);
    expect(pauseEnd(events, T0 + 15_000, T0 + 31_000)).toBe(T0 + 30_000);
  });

  it("is none when somebody does something soon", () => {
    expect(pauseEnd(events, T0 + 999, T0 + 31_000)).toBeNull();
    expect(pauseEnd(events, T0 + 21_000, T0 + 31_000)).toBeNull();
  });

  it("reaches to the end of what is known", () => {
    expect(pauseEnd(events, T0 + 31_000, T0 + 60_000)).toBe(T0 + 59_000);
    expect(pauseEnd(events, T0 + 31_000, T0 + 41_000)).toBeNull();
  });

  it("is passed fast at first, and never slower than the speed that was chosen", () => {
    expect(passingSpeed(600_000, 1)).toBe(360);
    expect(passingSpeed(10_000, 1)).toBe(20);
    expect(passingSpeed(100, 4)).toBe(4);
  });
});

it("finds the first event after a moment", () => {
  const events = [meta(0), textChange(5, "a"), textChange(5, "b"), textChange(9, "c")];
  expect([-1, 0, 4, 5, 9].map((at) => firstAfter(events, T0 + at))).toEqual([0, 1, 1, 3, 4]);
});
