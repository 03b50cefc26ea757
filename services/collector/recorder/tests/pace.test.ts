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
  expect([mouseMove(100), mutation(200), custom(300)].map((event) => it.decide(event, false))).toEqual([
    "record",
    "record",
    "record",
  ]);
});

it("looks at the whole page every few minutes", () => {
  const it = pace();
  for (let at = 0; at < 4 * MINUTE; at += 10 * SECOND) expect(it.decide(mouseMove(at), false)).toBe("record");
  expect(it.decide(mouseMove(4 * MINUTE), false)).toBe("snapshot_then_record");
  expect(it.decide(snapshot(4 * MINUTE + 1), false)).toBe("record");
  expect(it.decide(mouseMove(4 * MINUTE + 2), false)).toBe("record");
});

it("takes the snapshot in place of a change that the snapshot holds", () => {
  const it = pace();
  for (let at = 0; at < 4 * MINUTE; at += 10 * SECOND) it.decide(mouseMove(at), false);
  expect(it.decide(mutation(4 * MINUTE), false)).toBe("snapshot_instead");
});

it("pauses without the visitor, and begins with a snapshot when they are back", () => {
  const it = pace({ snapshotEveryMs: 60 * MINUTE });
  it.decide(mouseMove(0), false);
  expect(it.decide(mutation(5 * MINUTE - 1), false)).toBe("record");
  expect(it.decide(mutation(5 * MINUTE), false)).toBe("skip");
  expect(it.decide(mutation(7 * MINUTE), false)).toBe("skip");
  expect(it.decide(mouseMove(8 * MINUTE), false)).toBe("snapshot_then_record");
  expect(it.decide(mutation(8 * MINUTE + 1), false)).toBe("record");
});

it("keeps the site's own events while the visitor is away, on a page that is whole", () => {
  const it = pace({ snapshotEveryMs: 60 * MINUTE });
  it.decide(mutation(6 * MINUTE), false);
  expect(it.decide(custom(7 * MINUTE), false)).toBe("snapshot_then_record");
});

it("takes a snapshot after a silence that may end the session", () => {
  const it = pace({ gapMs: 10 * SECOND });
  expect(it.decide(mouseMove(4_999), false)).toBe("record");
  expect(it.decide(mouseMove(9_998), false)).toBe("record");
  expect(it.decide(mouseMove(14_998), false)).toBe("snapshot_then_record");
});

it("records nothing while there is no room, then begins with a snapshot", () => {
  const it = pace();
  expect(it.decide(mouseMove(1), true)).toBe("skip");
  expect(it.decide(snapshot(2), true)).toBe("skip");
  expect(it.decide(mouseMove(3), false)).toBe("snapshot_then_record");
});

it("needs no snapshot before the first events of a page", () => {
  const it = pace({ gapMs: 2 * SECOND });
  expect(it.decide({ type: EventType.DomContentLoaded, data: {}, timestamp: 60 * SECOND }, false)).toBe(
    "record",
  );
});
