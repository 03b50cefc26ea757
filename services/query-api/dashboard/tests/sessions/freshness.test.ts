// @vitest-environment node
import { expect, it } from "vitest";
import { unreachable } from "../../src/api/problem";
import { staleness } from "../../src/sessions/freshness";
import { T0 } from "../builders";

const well = { online: true, problem: null, updatedAt: T0, now: T0 + 60_000 };

it("says nothing of a list that is up to date", () => {
  expect(staleness(well)).toBeNull();
});

it("says that one is offline, and as of when the list is", () => {
  expect(staleness({ ...well, online: false })).toBe(
    "You are offline. The list is as of 07:00:00 CET; it is brought up to date when you are back.",
  );
});

it("says what failed, and as of when the list is", () => {
  expect(staleness({ ...well, problem: unreachable() })).toBe(
    "The query API cannot be reached. The list is as of 07:00:00 CET; asking again.",
  );
});

it("blames the network before the API", () => {
  expect(staleness({ ...well, online: false, problem: unreachable() })).toContain("You are offline");
});

it("says the same while nothing changes, so that it is read out once", () => {
  const stale = { ...well, online: false };
  expect(staleness({ ...stale, now: T0 + 65_000 })).toBe(staleness(stale));
});

it("names the day where it is another one", () => {
  expect(staleness({ ...well, online: false, now: T0 + 86_400_000 })).toContain(
    "as of Tue, 24 Nov 2026, 07:00:00 CET",
  );
});
