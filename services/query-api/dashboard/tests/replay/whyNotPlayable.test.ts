// @vitest-environment node
import { describe, expect, it } from "vitest";
import {
  chooseWindow,
  whyNotFromBeginning,
  whyNotPlayable,
  whyWindowNotPlayable,
} from "../../src/replay/whyNotPlayable";
import { aSession, aWindow, T0 } from "../builders";

describe("why a session cannot be played", () => {
  it("has no reason when it can", () => {
    expect(whyNotPlayable(aSession())).toBeNull();
  });

  it("speaks of what may still come while the session is active", () => {
    const session = aSession({
      replayable: false,
      not_replayable_reason: "no_full_snapshot",
      status: "active",
    });
    expect(whyNotPlayable(session)).toBe("No full snapshot of the page has arrived yet.");
    expect(whyNotPlayable({ ...session, status: "completed" })).toBe(
      "No full snapshot of the page ever arrived.",
    );
  });

  it("has a reason even when the API gives none", () => {
    expect(whyNotPlayable(aSession({ replayable: false }))).not.toBeNull();
  });

  it("asks each window for its own snapshot", () => {
    expect(whyWindowNotPlayable(aWindow())).toBeNull();
    expect(whyWindowNotPlayable(aWindow({ playable_at: null }))).not.toBeNull();
  });
});

describe("why a window does not play from its beginning", () => {
  const playability = aWindow().playability;

  it("has no reason when all of it plays, or nothing does", () => {
    expect(whyNotFromBeginning(aWindow())).toBeNull();
    const nothing = { ...playability, from_at: null, reason: "no_meta" as const };
    expect(whyNotFromBeginning(aWindow({ playability: nothing }))).toBeNull();
  });

  it.each(["first_part_missing", "no_full_snapshot_at_beginning"] as const)("says %s in words", (reason) => {
    expect(whyNotFromBeginning(aWindow({ playability: { ...playability, reason } }))).toMatch(/window/);
  });
});

describe("the window that a replay opens with", () => {
  const broken = aWindow({ window_id: "broken", first_at: T0, playable_at: null });
  const second = aWindow({ window_id: "second", first_at: T0 + 20 });
  const first = aWindow({ window_id: "first", first_at: T0 + 10 });
  const windows = [second, broken, first];

  it("is the earliest that can play", () => {
    expect(chooseWindow(windows, null)).toBe(first);
  });

  it("is the one asked for, if there is such a window", () => {
    expect(chooseWindow(windows, "second")).toBe(second);
    expect(chooseWindow(windows, "gone")).toBe(first);
  });

  it("is the earliest when none can play, and none when there is none", () => {
    expect(chooseWindow([broken], null)).toBe(broken);
    expect(chooseWindow([], null)).toBeNull();
  });
});
