// @vitest-environment node
import { describe, expect, it } from "vitest";
import { callAsGuest, getEvents, getFriction, getSessions, liveAddress, signIn } from "../../src/api/client";
import { asProblem, Problem } from "../../src/api/problem";
import { keys } from "../../src/api/queries";
import { NEWEST_FIRST, NO_FILTERS } from "../../src/filters/filters";
import { refused, Refused, stubQueryApi } from "../queryApi";

const { signal } = new AbortController();

async function problemFrom(call: Promise<unknown>): Promise<Problem> {
  const error: unknown = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Problem);
  return asProblem(error);
}

describe("a call", () => {
  it("asks for the friction of many sessions at once", async () => {
    const friction = { session_id: "s", rage_clicks: 1, dead_clicks: 0, quick_backs: 0, errors: 2 };
    const asked = stubQueryApi({
      "GET /v1/connections/c/sessions/friction": () => ({ sessions: [friction] }),
    });
    expect(await getFriction("c", ["s", "t"], signal)).toEqual([friction]);
    expect(asked).toEqual(["GET /v1/connections/c/sessions/friction?session=s&session=t"]);
  });

  it("escapes ids and leaves out what is not asked for", async () => {
    const asked = stubQueryApi({
      "GET /v1/connections/a%2Fb/sessions": () => ({ sessions: [], next_cursor: null }),
      "GET /v1/sessions/s/events": () => ({ events: [], next_cursor: null }),
    });
    await getSessions("a/b", { status: null, browser: [], cursor: null }, signal);
    await getSessions(
      "a/b",
      { status: "active", browser: ["Edge", "A&B"], replayable: false, cursor: "c=1" },
      signal,
    );
    const page = await getEvents("s", "w", { at: null, cursor: null }, 1_000, signal);
    expect(page).toEqual({ events: [], next_cursor: null, bytes: '{"events":[],"next_cursor":null}'.length });
    await getEvents("s", "w", { at: 5, cursor: null }, 1_000, signal);
    await getEvents("s", "w", { at: 5, cursor: "next" }, 2_000, signal);
    expect(asked).toEqual([
      "GET /v1/connections/a%2Fb/sessions?limit=50",
      "GET /v1/connections/a%2Fb/sessions?status=active&browser=Edge&browser=A%26B&replayable=false&cursor=c%3D1&limit=200",
      "GET /v1/sessions/s/events?window=w&limit_bytes=1000",
      "GET /v1/sessions/s/events?window=w&limit_bytes=1000&at=5",
      "GET /v1/sessions/s/events?window=w&limit_bytes=2000&at=5&cursor=next",
    ]);
  });

  it("has no stream of its own for a guest, whose token a browser would not send", () => {
    expect(liveAddress("a/b")).toBe("/v1/sessions/a%2Fb/live");
    callAsGuest("shr_1");
    try {
      expect(liveAddress("a/b")).toBeNull();
    } finally {
      callAsGuest(null);
    }
  });

  it("turns a refusal into what a person is told", async () => {
    stubQueryApi({ "POST /v1/sign-in": () => refused(401, "unknown_token", "The token is not known") });
    const problem = await problemFrom(signIn("wrong"));
    expect(problem).toMatchObject({
      status: 401,
      reason: "unknown_token",
      message: "The token is not known",
    });
    expect(problem.signedOut).toBe(true);
    expect(problem.passing).toBe(false);
  });

  it("makes something readable of an answer that is no problem document", async () => {
    stubQueryApi({ "POST /v1/sign-in": () => new Refused(502, "<html>") });
    const problem = await problemFrom(signIn("t"));
    expect(problem.message).toBe("The query API answered 502");
    expect(problem.passing).toBe(true);
  });

  it("says that nothing answers", async () => {
    stubQueryApi({});
    const problem = await problemFrom(signIn("t"));
    expect(problem).toMatchObject({ status: 0, reason: "unreachable" });
    expect(problem.passing).toBe(true);
  });
});

it("keeps every connection, filter and window under a key of its own", () => {
  const all = [
    keys.account,
    keys.connections,
    keys.stats("a", NO_FILTERS),
    keys.stats("b", NO_FILTERS),
    keys.stats("a", { ...NO_FILTERS, url: "/" }),
    keys.sessions("a", NO_FILTERS, NEWEST_FIRST),
    keys.sessions("a", { ...NO_FILTERS, status: "active" }, NEWEST_FIRST),
    keys.sessions("a", NO_FILTERS, { sort: "events", direction: "asc" }),
    keys.sessions("b", NO_FILTERS, NEWEST_FIRST),
    keys.session("a"),
    keys.recording("a", "w1"),
    keys.recording("a", "w2"),
  ].map((key) => JSON.stringify(key));
  expect(new Set(all).size).toBe(all.length);
});
