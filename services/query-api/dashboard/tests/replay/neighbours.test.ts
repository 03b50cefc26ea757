import { describe, expect, it } from "vitest";
import { nearEnd, neighboursOf, same } from "../../src/replay/neighbours";

describe("the sessions beside the open one", () => {
  it("are those above and below it in the list", () => {
    expect(neighboursOf(["a", "b", "c"], "b", null)).toEqual({ session: "b", previous: "a", next: "c" });
    expect(neighboursOf(["a", "b", "c"], "a", null)).toEqual({ session: "a", previous: null, next: "b" });
    expect(neighboursOf(["a", "b", "c"], "c", null)).toEqual({ session: "c", previous: "b", next: null });
  });

  it("stay when the session leaves the list, and are no other session's", () => {
    const before = neighboursOf(["a", "b", "c"], "b", null);
    expect(neighboursOf(["a", "c"], "b", before)).toEqual(before);
    expect(neighboursOf(["a", "c"], "x", before)).toEqual({ session: "x", previous: null, next: null });
  });

  it("are compared by what they say", () => {
    const one = neighboursOf(["a", "b"], "b", null);
    expect(same(one, { ...one })).toBe(true);
    expect(same(one, { ...one, next: "c" })).toBe(false);
    expect(same(null, one)).toBe(false);
  });

  it("are asked for in time when the list is read page by page", () => {
    const list = ["a", "b", "c", "d", "e"];
    expect(list.map((session) => nearEnd(list, session))).toEqual([false, false, true, true, true]);
    expect(nearEnd(list, "x")).toBe(false);
  });
});
