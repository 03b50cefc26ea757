import { expect, it } from "vitest";
import { tooOld } from "../src/age";

const HOUR = 3_600_000;
const now = 1_000 * HOUR;

it("a batch that the collector certainly has not is kept for a day", () => {
  expect(tooOld({ madeAt: now - 24 * HOUR, triedAt: null }, now)).toBe(false);
  expect(tooOld({ madeAt: now - 24 * HOUR - 1, triedAt: null }, now)).toBe(true);
});

it("one that the collector may have comes back while its number is still known, however old its events", () => {
  expect(tooOld({ madeAt: now - 20 * HOUR, triedAt: now - 1.5 * HOUR }, now)).toBe(false);
  expect(tooOld({ madeAt: now - 2 * HOUR, triedAt: now - 1.5 * HOUR - 1 }, now)).toBe(true);
});

it("a clock that was set back makes nothing old", () => {
  expect(tooOld({ madeAt: now + HOUR, triedAt: now + HOUR }, now)).toBe(false);
});
