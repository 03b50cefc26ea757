import { describe, expect, it } from "vitest";
import { shownAt } from "../../../src/replay/timeline/moment";
import { aWindow, T0 } from "../../builders";

const window = (from: number, ...snapshots: number[]) =>
  aWindow({
    playability: {
      from_at: T0 + from,
      reason: null,
      full_snapshots: snapshots.map((at) => ({ at: T0 + at, seq: 0 })),
      full_snapshots_in_all: snapshots.length,
    },
  });

describe("the moment at which something is seen", () => {
  it("is the one at which it happened", () => {
    expect(shownAt({ kind: "click", at: T0 + 4_999 }, window(0, 0, 5_000))).toBe(T0 + 4_999);
  });

  it("is a page's full snapshot, which comes just behind its Meta", () => {
    expect(shownAt({ kind: "page_view", at: T0 + 4_600 }, window(0, 0, 5_000))).toBe(T0 + 5_000);
    expect(shownAt({ kind: "quick_back", at: T0 + 4_600 }, window(0, 0, 5_000))).toBe(T0 + 5_000);
  });

  it("is its own for a page that came without a full snapshot", () => {
    expect(shownAt({ kind: "page_view", at: T0 + 3_000 }, window(0, 0, 5_000))).toBe(T0 + 3_000);
  });

  it("is never before the window can be played", () => {
    expect(shownAt({ kind: "click", at: T0 }, window(700, 700))).toBe(T0 + 700);
    expect(shownAt({ kind: "click", at: T0 }, undefined)).toBe(T0);
  });
});
