// @vitest-environment node
import { expect, it } from "vitest";
import { signalsOf } from "../../../src/sessions/friction/signals";

it("shows the kinds that there are, the graver ones first, in words that fit the count", () => {
  const friction = { session_id: "s", rage_clicks: 1, dead_clicks: 1_200, quick_backs: 0, errors: 2 };
  expect(signalsOf(friction)).toEqual([
    { kind: "rage", count: 1, words: "1 rage click" },
    { kind: "error", count: 2, words: "2 errors" },
    { kind: "dead", count: 1_200, words: "1,200 dead clicks" },
  ]);
});

it("shows nothing of a smooth visit", () => {
  const friction = { session_id: "s", rage_clicks: 0, dead_clicks: 0, quick_backs: 0, errors: 0 };
  expect(signalsOf(friction)).toEqual([]);
});
