import { describe, expect, it } from "vitest";
import { idleOf, markerNear, markersOf } from "../../../src/replay/timeline/markers";
import { anItem, aWindow, T0 } from "../../builders";

const SPAN = { startAt: T0, totalMs: 10_000 };

describe("the marks on the timeline", () => {
  it("stand exactly where something happened, in order", () => {
    const items = [
      anItem({ kind: "click", at: T0 + 2_500 }),
      anItem({ kind: "error", at: T0 + 10_000 }),
      anItem({ kind: "page_view", at: T0 }),
    ];
    expect(markersOf(items, aWindow(), SPAN, 100).map(({ kind, part }) => [kind, part])).toEqual([
      ["page_view", 0],
      ["click", 0.25],
      ["error", 1],
    ]);
  });

  it("are those of the window that is shown, and of moments only", () => {
    const items = [
      anItem({ kind: "click", at: T0 + 1, window_id: "another" }),
      anItem({ kind: "idle", at: T0 + 2, until_at: T0 + 3 }),
      anItem({ kind: "window_change", at: T0 + 4 }),
    ];
    expect(markersOf(items, aWindow(), SPAN, 100)).toEqual([]);
  });

  it("leave out what the timeline does not reach yet", () => {
    const items = [anItem({ kind: "click", at: T0 + 10_001 })];
    expect(markersOf(items, aWindow(), SPAN, 100)).toEqual([]);
    expect(markersOf(items, aWindow(), { startAt: T0, totalMs: 0 }, 100)).toEqual([]);
  });

  it("are one where many would stand in one place: that of what weighs most, at its own moment", () => {
    const items = [
      anItem({ kind: "click", at: T0 + 5_001 }),
      anItem({ kind: "rage_click", at: T0 + 5_002 }),
      anItem({ kind: "click", at: T0 + 5_003 }),
      ...Array.from({ length: 5_000 }, (_, n) => anItem({ kind: "input", at: T0 + n })),
    ];
    const markers = markersOf(items, aWindow(), SPAN, 100);
    expect(markers).toHaveLength(51);
    expect(markers.at(-1)).toMatchObject({ kind: "rage_click", at: T0 + 5_002, more: 2 });
    expect(markers[0]).toMatchObject({ kind: "input", at: T0, more: 99 });
  });

  it("are found from beside them", () => {
    const markers = markersOf(
      [anItem({ kind: "click", at: T0 + 1_000 }), anItem({ kind: "error", at: T0 + 1_300 })],
      aWindow(),
      SPAN,
      100,
    );
    expect(markerNear(markers, 0.12, 0.05)?.kind).toBe("error");
    expect(markerNear(markers, 0.11, 0.05)?.kind).toBe("click");
    expect(markerNear(markers, 0.2, 0.05)).toBeNull();
  });
});

describe("idle stretches", () => {
  it("are those of the whole visitor, cut to the timeline", () => {
    const items = [
      anItem({ kind: "idle", at: T0 - 5_000, until_at: T0 + 1_000 }),
      anItem({ kind: "idle", at: T0 + 4_000, until_at: T0 + 6_000, window_id: "another" }),
      anItem({ kind: "idle", at: T0 + 11_000, until_at: T0 + 12_000 }),
      anItem({ kind: "click", at: T0 + 4_000 }),
    ];
    expect(idleOf(items, SPAN)).toEqual([
      { from: 0, to: 0.1 },
      { from: 0.4, to: 0.6 },
    ]);
    expect(idleOf(items, { startAt: T0, totalMs: 0 })).toEqual([]);
  });
});
