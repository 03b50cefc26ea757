import { describe, expect, it } from "vitest";
import { colleagueLink, shareLink } from "../../src/share/link";

const ORIGIN = "https://playhead.example";

describe("a link", () => {
  it("keeps its moment and its token, and opens the window that was shown", () => {
    expect(shareLink("/sessions/s1?at=17#share=shr_a.b.c", ORIGIN, "w 2")).toBe(
      "https://playhead.example/sessions/s1?at=17&window=w+2#share=shr_a.b.c",
    );
    expect(shareLink("/sessions/s1#share=shr_a", ORIGIN, null)).toBe(
      "https://playhead.example/sessions/s1#share=shr_a",
    );
  });

  it("for colleagues holds no token", () => {
    const session = { session_id: "s1", connection_id: "demo shop" };
    expect(colleagueLink(session, { window: "w1", at: 17 }, ORIGIN)).toBe(
      "https://playhead.example/sessions/s1?connection=demo+shop&window=w1&at=17",
    );
    expect(colleagueLink(session, null, ORIGIN)).toBe(
      "https://playhead.example/sessions/s1?connection=demo+shop",
    );
  });
});
