// What somebody sees who has nothing but a link to one session.
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { callAsGuest, getSession } from "../../src/api/client";
import { SharedSession } from "../../src/share/SharedSession";
import { aDetail, fullSnapshot, meta, textChange } from "../builders";
import { refused, stubQueryApi } from "../queryApi";
import { show } from "../show";

const LINK = "#share=shr_a.b.c";

beforeAll(() => import("../../src/replay/Replay"));

afterEach(() => {
  window.history.replaceState(null, "", "/");
  callAsGuest(null);
});

describe("a share link", () => {
  it("shows the replay of its session, asks for nothing else, and leads nowhere", async () => {
    const detail = aDetail();
    const path = `/v1/sessions/${detail.session_id}`;
    const asked = stubQueryApi({
      [`GET ${path}`]: () => detail,
      [`GET ${path}/events`]: () => ({
        events: [meta(0), fullSnapshot(0), textChange(60_000, "a")],
        next_cursor: null,
      }),
    });
    window.history.replaceState(null, "", `/sessions/${detail.session_id}${LINK}`);
    show(<SharedSession />);

    expect(await screen.findByTestId("replay-play")).toBeDefined();
    expect(screen.queryByTestId("close-replay")).toBeNull();
    await userEvent.keyboard("{Escape}");
    expect(screen.getByTestId("replay")).toBeDefined();
    expect(window.location.hash).toBe(LINK);
    expect(asked.filter((call) => !call.startsWith(`GET ${path}`))).toEqual([]);
  });

  it("says so when it opens nothing any more", async () => {
    stubQueryApi({ "GET /v1/sessions/s": () => refused(401, "unknown_token", "The token is not known") });
    window.history.replaceState(null, "", `/sessions/s${LINK}`);
    show(<SharedSession />);

    expect((await screen.findByTestId("problem")).textContent).toContain("The token is not known");
    expect(screen.queryByTestId("sign-in")).toBeNull();
  });

  it("is sent as a bearer token and without the cookie of whoever is signed in", async () => {
    const sent: RequestInit[] = [];
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      sent.push(init);
      return Promise.resolve(new Response("{}"));
    });
    const { signal } = new AbortController();

    callAsGuest("shr_a.b.c");
    await getSession("s", signal);
    callAsGuest(null);
    await getSession("s", signal);

    const [asGuest, asOneself] = sent.map((init) => ({
      credentials: init.credentials,
      authorization: new Headers(init.headers).get("authorization"),
      accept: new Headers(init.headers).get("accept"),
    }));
    expect(asGuest).toEqual({
      credentials: "omit",
      authorization: "Bearer shr_a.b.c",
      accept: "application/json",
    });
    expect(asOneself).toEqual({
      credentials: "same-origin",
      authorization: null,
      accept: "application/json",
    });
  });

  it("that names no session is told from a session that is not there", async () => {
    stubQueryApi({});
    show(<SharedSession />);
    expect((await screen.findByRole("alert")).textContent).toContain("names no session");
  });
});
