// @vitest-environment node
import { expect, it } from "vitest";
import { bucketNames } from "../../src/activity/bucketNames";
import type { BucketLength } from "../../src/api/types";

const bucket = (from: string, to: string) => ({
  starts_at: Date.parse(from),
  ends_at: Date.parse(to),
  sessions: 0,
  active: 0,
  events: 0,
});
const namesOf = (length: BucketLength, zone: string, from: string, to: string) => {
  const names = bucketNames(length, zone);
  return [names.whole(bucket(from, to)), names.short(bucket(from, to))];
};

it.each<[BucketLength, string, string, string, string, string]>([
  [
    "PT1H",
    "Asia/Kolkata",
    "2026-11-24T04:30Z",
    "2026-11-24T05:30Z",
    "Tue, 24 Nov 2026, 10:00 – 11:00",
    "10:00",
  ],
  [
    "PT6H",
    "Asia/Kolkata",
    "2026-11-23T18:30Z",
    "2026-11-24T00:30Z",
    "Tue, 24 Nov 2026, 00:00 – 06:00",
    "24 Nov",
  ],
  ["P1D", "America/Los_Angeles", "2026-11-24T08:00Z", "2026-11-25T08:00Z", "Tue, 24 Nov 2026", "24 Nov"],
  ["P1W", "Europe/Vienna", "2026-11-22T23:00Z", "2026-11-29T23:00Z", "Week of 23 Nov 2026", "23 Nov"],
  ["P1M", "Europe/Vienna", "2026-10-31T23:00Z", "2026-11-30T23:00Z", "Nov 2026", "Nov 2026"],
  ["P3M", "Europe/Vienna", "2026-09-30T22:00Z", "2026-12-31T23:00Z", "Oct 2026 – Dec 2026", "Oct 2026"],
  ["P1Y", "Europe/Vienna", "2025-12-31T23:00Z", "2026-12-31T23:00Z", "2026", "2026"],
])("names a bucket of %s in %s by the clock there", (length, zone, from, to, whole, short) => {
  const [named, label] = namesOf(length, zone, from, to);
  expect(named).toBe(whole);
  expect(label).toBe(short);
});
