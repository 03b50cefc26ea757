import { describe, expect, it } from "vitest";
import { retryAfterMs, waitMs } from "../src/backoff";

describe("the wait before the next try", () => {
  it("doubles from a second to a minute", () => {
    expect([1, 2, 3, 4, 7, 100].map((failures) => waitMs(failures, null, 0.999999))).toEqual(
      [1_000, 2_000, 4_000, 8_000, 60_000, 60_000].map((ms) => expect.closeTo(ms, -1) as number),
    );
  });

  it("is spread over the upper half by chance", () => {
    expect(waitMs(4, null, 0)).toBe(4_000);
    expect(waitMs(4, null, 0.5)).toBe(6_000);
  });

  it("is never shorter than the collector asked for, and spread there too", () => {
    expect(waitMs(1, 20_000, 0)).toBe(20_000);
    expect(waitMs(1, 20_000, 0.5)).toBe(20_500);
    expect(waitMs(7, 1_000, 0)).toBe(30_000);
  });

  it("does not believe hours", () => {
    expect(waitMs(1, 86_400_000, 0)).toBe(600_000);
  });
});

describe("Retry-After", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");

  it.each([
    ["7", 7_000],
    ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["soon", null],
    ["", null],
    [null, null],
  ])("%j is %j ms", (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});
