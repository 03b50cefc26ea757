// @vitest-environment node
import { describe, expect, it } from "vitest";
import { duration, exactTime, position, relativeTime, spokenPosition } from "../../src/format/time";
import { T0 } from "../builders";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

describe("relative time", () => {
  it.each([
    [0, "just now"],
    [-3 * SECOND, "just now"],
    [12 * SECOND, "12 seconds ago"],
    [59_999, "59 seconds ago"],
    [60 * SECOND, "1 minute ago"],
    [HOUR - 1, "59 minutes ago"],
    [3 * HOUR, "3 hours ago"],
    [DAY, "yesterday"],
    [6 * DAY, "6 days ago"],
    [7 * DAY, "17 Nov"],
    [400 * DAY, "20 Oct 2025"],
  ])("%i ms ago is %j", (ago, text) => {
    expect(relativeTime(T0 - ago, T0)).toBe(text);
  });
});

it("tells the exact time in the reader's zone", () => {
  expect(exactTime(T0)).toBe("Tue, 24 Nov 2026, 07:00:00 CET");
});

it.each([
  [0, "0:00"],
  [7_999, "0:07"],
  [750_000, "12:30"],
  [3_723_000, "1:02:03"],
  [-5, "0:00"],
])("the position %i ms is %j", (ms, text) => {
  expect(position(ms)).toBe(text);
});

it.each([
  [0, "0 ms"],
  [850, "850 ms"],
  [12_400, "12 s"],
  [59_600, "1 min"],
  [185_000, "3 min 5 s"],
  [7_800_000, "2 h 10 min"],
  [7_200_000, "2 h"],
])("the duration %i ms is %j", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([
  [0, "0 seconds"],
  [61_000, "1 minute 1 second"],
  [3_600_000, "1 hour"],
])("the position %i ms is said as %j", (ms, text) => {
  expect(spokenPosition(ms)).toBe(text);
});
