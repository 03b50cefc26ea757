import { EventType, type eventWithTime } from "@rrweb/types";
import { expect, it } from "vitest";
import { Pace } from "../src/pace";
import { custom, mouseMove, mutation } from "./builders";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const settings = { pauseAfterMs: 5 * MINUTE, gapMs: 30 * MINUTE, snapshotEveryMs: 4 * MINUTE };
const snapshot = (timestamp: number) =>
  ({ type: EventType.FullSnapshot, data: {}, timestamp }) as eventWithTime;
const pace = (overrides = {}) => new Pace({ ...settings, ...overrides }, 0);

it("records what follows closely", () => {
  const it = pace();
  expect([mouseMove(100), mutation(200), custom(300)].map((event) => it.decide(event))).toEqual([
    "record",
    "record",
    "record",
  ]);
});

it("looks at the whole page every few minutes", () => {
  const it = pace();
  for (let at = 0; at < 4 * MINUTE; at += 10 * SECOND) expect(it.decide(mouseMove(at))).toBe("record");
  expect(it.decide(mouseMove(4 * MINUTE))).toBe("snapshot_then_record");
  expect(it.decide(snapshot(4 * MINUTE + 1))).toBe("record");
  expect(it.decide(mouseMove(4 * MINUTE + 2))).toBe("record");
});

it("takes the snapshot in place of a change that the snapshot holds", () => {
  const it = pace();
  for (let at = 0; at < 4 * MINUTE; at += 10 * SECOND) it.decide(mouseMove(at));
  expect(it.decide(mutation(4 * MINUTE))).toBe("snapshot_instead");
});

it("pauses without the visitor, and begins with a snapshot when they are back", () => {
  const it = pace({ snapshotEveryMs: 60 * MINUTE });
  it.decide(mouseMove(0));
  expect(it.decide(mutation(5 * MINUTE - 1))).toBe("record");
  expect(it.decide(mutation(5 * MINUTE))).toBe("skip");
  expect(it.decide(mutation(7 * MINUTE))).toBe("skip");
  expect(it.decide(mouseMove(8 * MINUTE))).toBe("snapshot_then_record");
  expect(it.decide(mutation(8 * MINUTE + 1))).toBe("record");
});

it("keeps the site's own events while the visitor is away, on a page that is whole", () => {
  const it = pace({ snapshotEveryMs: 60 * MINUTE });
  it.decide(mutation(6 * MINUTE));
  expect(it.decide(custom(7 * MINUTE))).toBe("snapshot_then_record");
});

it("takes a snapshot after a silence that may end the session", () => {
  const it = pace({ gapMs: 10 * SECOND });
  expect(it.decide(mouseMove(4_999))).toBe("record");
  expect(it.decide(mouseMove(9_998))).toBe("record");
  expect(it.decide(mouseMove(14_998))).toBe("snapshot_then_record");
});

it("begins with a snapshot after a hole, but not before the snapshot itself", () => {
  const it = pace();
  it.decide(mouseMove(1));
  it.interrupted();
  expect(it.decide(snapshot(2))).toBe("record");
  expect(it.decide(mouseMove(3))).toBe("snapshot_then_record");
});

it("needs no snapshot before the first events of a page", () => {
  const it = pace({ gapMs: 2 * SECOND });
  expect(it.decide({ type: EventType.DomContentLoaded, data: {}, timestamp: 60 * SECOND })).toBe("record");
});
