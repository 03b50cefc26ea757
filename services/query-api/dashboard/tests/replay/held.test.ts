// @vitest-environment node
import { describe, expect, it } from "vitest";
import {
  AHEAD_BYTES,
  BEHIND_BYTES,
  covers,
  type Held,
  heldBytes,
  heldUntil,
  type HeldPage,
  keepFrom,
  letGo,
  nextStep,
  NOTHING_HELD,
  PAGE_BYTES,
  pageOf,
} from "../../src/replay/held";
import { fullSnapshot, meta, T0, textChange } from "../builders";

const MIB = 1024 * 1024;

/** A page of ten events from one moment to another, ms after T0. */
const page = (from: number, to: number, bytes: number, ...snapshots: number[]): HeldPage => ({
  bytes,
  events: 10,
  span: { firstAt: T0 + from, lastAt: T0 + to },
  snapshots: snapshots.map((at) => T0 + at),
});

const run = (pages: HeldPage[], change: Partial<Held> = {}): Held => ({
  askedAt: pages[0]?.span?.firstAt ?? NaN,
  from: pages[0]?.span?.firstAt ?? Infinity,
  pages,
  complete: false,
  ...change,
});

describe("a page", () => {
  it("is known by its span, its size and its snapshots", () => {
    expect(pageOf([meta(0), fullSnapshot(0), textChange(5, "a")], 99)).toEqual({
      bytes: 99,
      events: 3,
      span: { firstAt: T0, lastAt: T0 + 5 },
      snapshots: [T0],
    });
    expect(pageOf([], 7)).toEqual({ bytes: 7, events: 0, span: null, snapshots: [] });
  });
});

describe("a moment", () => {
  const held = run([page(0, 100.7, 1, 0)]);

  it("can be drawn from where the run begins to before the last ms that is held", () => {
    expect(heldUntil(held)).toBe(T0 + 100);
    expect(covers(held, T0 - 1)).toBe(false);
    expect(covers(held, T0)).toBe(true);
    expect(covers(held, T0 + 99)).toBe(true);
    expect(covers(held, T0 + 100)).toBe(false);
  });

  it("can be drawn to the end and beyond where nothing is to come", () => {
    expect(covers({ ...held, complete: true }, T0 + 5_000)).toBe(true);
  });

  it("cannot be drawn from nothing, or from pages without anything to draw", () => {
    expect(covers(NOTHING_HELD, T0)).toBe(false);
    expect(covers(run([pageOf([], 5)], { complete: true, from: T0 }), T0)).toBe(false);
  });
});

describe("what to load next", () => {
  const snapshots = [0, 1_000, 2_000, 3_000].map((at) => T0 + at);
  const next = (held: Held, at: number, mayBeMore = false) => nextStep(held, T0 + at, snapshots, mayBeMore);
  const goOn = { do: "goOn", limitBytes: PAGE_BYTES };

  it("is the beginning, or the snapshot before a moment, when nothing is held or it lies before the run", () => {
    expect(next(NOTHING_HELD, 2_500)).toEqual({ do: "begin", at: T0 + 2_500 });
    expect(next(run([page(2_000, 2_900, 1, 2_000)]), 1_999)).toEqual({ do: "begin", at: T0 + 1_999 });
  });

  it("is the page behind the run while little lies ahead", () => {
    expect(next(run([page(0, 900, 1, 0)]), 100)).toEqual(goOn);
  });

  it("is nothing while enough lies ahead, whatever lies behind", () => {
    const ahead = [page(0, 900, 50 * MIB, 0), page(910, 1_500, AHEAD_BYTES, 1_000)];
    expect(next(run(ahead), 100)).toEqual({ do: "wait" });
    expect(next(run(ahead), 920)).toEqual(goOn);
  });

  it("is nothing when the window has no more", () => {
    expect(next(run([page(0, 900, 1, 0)], { complete: true }), 899)).toEqual({ do: "wait" });
  });

  it("is the nearer snapshot when one lies between the run and the moment, else the way to it", () => {
    const held = run([page(0, 500, 1, 0)]);
    expect(next(held, 990)).toEqual(goOn);
    expect(next(held, 1_000)).toEqual({ do: "begin", at: T0 + 1_000 });
  });

  it("goes on at the end of what is loaded, where the playhead waits", () => {
    expect(next(run([page(0, 1_000, 1, 0, 1_000)]), 1_000)).toEqual(goOn);
  });

  it("looks for a snapshot that it does not know of when the list is not all of them", () => {
    const held = run([page(0, 500, 1, 0)]);
    expect(next(held, 9_000, true)).toEqual({ do: "begin", at: T0 + 9_000 });
    expect(nextStep(held, T0 + 9_000, [], false)).toEqual(goOn);
  });

  it("never begins twice for the same moment", () => {
    const begun = run([page(0, 500, 1, 0)], { askedAt: T0 + 9_000 });
    expect(next(begun, 9_000, true)).toEqual(goOn);
    expect(next(begun, 9_000)).toEqual(goOn);
  });
});

describe("what to let go", () => {
  const half = BEHIND_BYTES / 2;
  const pages = [0, 1, 2, 3, 4].map((n) => page(n * 100, n * 100 + 99, half, n * 100));

  it("is nothing while little lies behind", () => {
    expect(keepFrom(run(pages), T0 + 150)).toBeNull();
  });

  it("is what lies before as much as may lie behind", () => {
    expect(keepFrom(run(pages), T0 + 450)).toBe(T0 + 300);
  });

  it("is never the playhead's own snapshot, however much it takes", () => {
    const large = [
      page(0, 99, MIB, 0),
      page(100, 199, half, 100),
      page(200, 299, half),
      page(300, 399, half),
    ];
    expect(keepFrom(run(large), T0 + 350)).toBe(T0 + 100);
    expect(keepFrom(run([page(0, 99, 99 * MIB, 0)]), T0 + 50)).toBeNull();
  });

  it("is not what lies ahead, and nothing where the moment is not held", () => {
    expect(keepFrom(run(pages), T0 + 10)).toBeNull();
    expect(keepFrom(run(pages), T0 - 10)).toBeNull();
  });

  it("leaves a run that begins where it is cut, and counts a cut page whole", () => {
    const held = run([page(0, 99, 7, 0, 50), page(100, 199, 9, 100)]);
    const cut = letGo(held, T0 + 50, 4);
    expect(cut.from).toBe(T0 + 50);
    expect(cut.pages.map(({ events, snapshots }) => [events, snapshots])).toEqual([
      [6, [T0 + 50]],
      [10, [T0 + 100]],
    ]);
    expect(heldBytes(cut)).toBe(16);
    const rest = letGo(held, T0 + 100, 10);
    expect(rest.pages).toHaveLength(1);
    expect(heldBytes(rest)).toBe(9);
  });
});
