import { describe, expect, it } from "vitest";
import { chosenFrom, countsOf, currentAt, entriesOf } from "../../../src/replay/jump-list/entries";
import { aDetail, anItem, aWindow, T0 } from "../../builders";

const items = [
  anItem({ kind: "page_view", at: T0, text: "https://shop.example/cart?step=2" }),
  anItem({ kind: "click", at: T0 + 1_000, x: 512.4, y: 300.5 }),
  anItem({ kind: "input", at: T0 + 1_500 }),
  anItem({ kind: "custom", at: T0 + 2_000, name: "chat", text: '{"text":"hello"}' }),
  anItem({ kind: "custom", at: T0 + 2_100, name: "opened", text: "null" }),
  anItem({ kind: "error", at: T0 + 3_000, name: "error", text: "TypeError: cart is undefined" }),
  anItem({ kind: "idle", at: T0 + 3_000, until_at: T0 + 30_000 }),
  anItem({ kind: "rage_click", at: T0 + 31_000, x: 1, y: 2 }),
];

describe("the jump list", () => {
  it("says what happened and when", () => {
    const said = entriesOf(aDetail(), items).map(({ name, text, positionMs }) => [name, text, positionMs]);
    expect(said).toEqual([
      ["Page view", "/cart?step=2", 0],
      ["Click", "at 512, 301", 1_000],
      ["chat", '{"text":"hello"}', 2_000],
      ["opened", "", 2_100],
      ["Error", "TypeError: cart is undefined", 3_000],
      ["Rage click", "at 1, 2", 31_000],
    ]);
  });

  it("names the windows where there are several, in the order in which they were opened", () => {
    const session = aDetail({
      windows: [
        aWindow({ window_id: "second", first_at: T0 + 500, playable_at: T0 + 600 }),
        aWindow({ window_id: "w_1" }),
        aWindow({ window_id: "never", first_at: T0 + 700, playable_at: null }),
      ],
    });
    const found = entriesOf(session, [
      anItem({ kind: "click", at: T0 + 1_000, window_id: "second" }),
      anItem({ kind: "click", at: T0 + 900 }),
      anItem({ kind: "click", at: T0 + 901, window_id: "never" }),
      anItem({ kind: "click", at: T0 + 902, window_id: "unheard of" }),
    ]);
    expect(found.map(({ windowName, positionMs }) => [windowName, positionMs])).toEqual([
      ["Window 1", 900],
      ["Window 2", 400],
    ]);
  });

  it("is cut to groups and words", () => {
    const entries = entriesOf(aDetail(), items);
    const names = (...args: [groups: Parameters<typeof chosenFrom>[1], words: string]) =>
      chosenFrom(entries, ...args).map(({ name }) => name);
    expect(names(new Set(), "")).toHaveLength(6);
    expect(names(new Set(["error", "friction"]), "")).toEqual(["Error", "Rage click"]);
    expect(names(new Set(), " CART ")).toEqual(["Page view", "Error"]);
    expect(names(new Set(["page"]), "cart")).toEqual(["Page view"]);
    expect(Object.fromEntries(countsOf(entries))).toEqual({
      page: 1,
      click: 1,
      custom: 2,
      error: 1,
      friction: 1,
    });
  });

  it("knows which entry the replay has reached", () => {
    const entries = [{ at: 10 }, { at: 20 }, { at: 20 }, { at: 30 }];
    expect([9, 10, 19, 20, 29, 30, 99].map((at) => currentAt(entries, at))).toEqual([-1, 0, 0, 2, 2, 3, 3]);
    expect(currentAt([], 5)).toBe(-1);
  });
});
