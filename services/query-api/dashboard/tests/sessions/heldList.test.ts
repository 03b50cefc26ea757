// @vitest-environment node
import { describe, expect, it } from "vitest";
import { joined, newerThan, splitAt, withNewest } from "../../src/sessions/heldList";
import { aSession, T0 } from "../builders";

const session = (id: string, at: number) => aSession({ session_id: id, started_at: T0 + at });

it("shows everything while it is not held", () => {
  const sessions = [session("b", 2), session("a", 1)];
  expect(splitAt(null, sessions)).toEqual({ shown: sessions, waiting: 0 });
});

it("lets what is newer than the top wait, and shows what is older", () => {
  const held = session("b", 2);
  const sessions = [session("d", 4), session("c", 2), held, session("a", 1)];
  expect(splitAt(held, sessions)).toEqual({ shown: sessions.slice(2), waiting: 2 });
});

it("holds its place when the top row itself is gone", () => {
  const sessions = [session("c", 3), session("a", 1)];
  expect(splitAt(session("b", 2), sessions)).toEqual({ shown: [sessions[1]], waiting: 1 });
});

it("counts what arrived above a row", () => {
  const sessions = [session("c", 3), session("b", 2), session("a", 1)];
  expect(newerThan(session("a", 1), sessions)).toBe(2);
  expect(newerThan(session("c", 3), sessions)).toBe(0);
  expect(newerThan(null, sessions)).toBe(3);
});

it("has a session once that is in two pages", () => {
  const b = session("b", 2);
  const pages = [
    { sessions: [session("c", 3), b], next_cursor: "1" },
    { sessions: [{ ...b, events: 99 }, session("a", 1)], next_cursor: null },
  ];
  expect(joined(pages)).toEqual([session("c", 3), b, session("a", 1)]);
});

describe("with its newest page", () => {
  const list = [session("d", 4), session("c", 3), session("b", 2), session("a", 1)];

  it("has what arrived, and what is known by now of what is there", () => {
    const moved = { ...session("c", 3), status: "completed" as const };
    const page = { sessions: [session("e", 5), session("d", 4), moved], next_cursor: "more" };
    expect(withNewest(list, page)).toEqual([session("e", 5), session("d", 4), moved, ...list.slice(2)]);
  });

  it("loses what is no longer listed in the reach of the page, and nothing behind it", () => {
    const page = { sessions: [session("d", 4), session("b", 2)], next_cursor: "more" };
    expect(withNewest(list, page)).toEqual([session("d", 4), session("b", 2), session("a", 1)]);
  });

  it("is that page where nothing follows it", () => {
    expect(withNewest(list, { sessions: [session("e", 5)], next_cursor: null })).toEqual([session("e", 5)]);
    expect(withNewest(list, { sessions: [], next_cursor: null })).toEqual([]);
  });

  it("is not known where more arrived than the page holds", () => {
    const page = { sessions: [session("z", 9), session("y", 8)], next_cursor: "more" };
    expect(withNewest(list, page)).toBeNull();
  });
});
