import { describe, expect, it } from "vitest";
import { askOnFrom, joined } from "../../../src/replay/timeline/pages";
import { anItem, T0 } from "../../builders";

const click = (at: number, node_id = 1) => anItem({ kind: "click", at: T0 + at, node_id });

describe("the pages of a timeline", () => {
  it("overlap in their last moment, whose items are neither lost nor doubled", () => {
    const first = [click(1), click(2), click(2, 2)];
    const second = [click(2), click(2, 2), click(2, 3), click(3)];
    expect(joined(first, second, T0 + 2)).toEqual([click(1), ...second]);
  });

  it("are asked for until there are no more", () => {
    expect(askOnFrom({ items: [click(1), click(2)], more: true }, 0)).toBe(T0 + 2);
    expect(askOnFrom({ items: [click(1)], more: false }, 0)).toBeNull();
    expect(askOnFrom({ items: [], more: true }, 0)).toBeNull();
  });

  it("end where one moment holds more than a page: asking on would never end", () => {
    expect(askOnFrom({ items: [click(2)], more: true }, T0 + 2)).toBeNull();
  });
});
