// @vitest-environment node
import { expect, it } from "vitest";
import { splitAt } from "../../src/sessions/heldList";
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
