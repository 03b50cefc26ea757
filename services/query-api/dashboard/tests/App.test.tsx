// The dashboard as a person meets it, against a query API that answers from memory.
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "../src/App";
import type { Session, SessionDetail } from "../src/api/types";
import { aDetail, aSession, aWindow, fullSnapshot, meta, someStats, T0, textChange } from "./builders";
import { noPlot } from "./activity/noPlot";
import { refused, stubQueryApi } from "./queryApi";
import { show } from "./show";

vi.mock("../src/activity/plot", () => noPlot);

const RECORDED = [meta(0), fullSnapshot(0), textChange(60_000, "a")];

// The replay is a part of its own that is fetched when the first one is opened.
beforeAll(() => import("../src/replay/Replay"));

let signedIn: boolean;
let sessions: Session[];
let detail: SessionDetail;
let asked: string[];

beforeEach(() => {
  signedIn = true;
  detail = aDetail();
  sessions = [
    aSession(),
    aSession({
      session_id: "019abf3c-waiting",
      status: "active",
      replayable: false,
      not_replayable_reason: "no_full_snapshot",
      started_at: T0 - 5_000,
    }),
  ];
  const guarded = (answer: unknown) =>
    signedIn ? answer : refused(401, "missing_token", "A token is needed");
  asked = stubQueryApi({
    "GET /v1/me": () => guarded({ name: "Ada", tenant: "demo", role: "reader" }),
    "POST /v1/sign-in": () => {
      signedIn = true;
      return undefined;
    },
    "POST /v1/sign-out": () => {
      signedIn = false;
      return undefined;
    },
    "GET /v1/connections": () =>
      guarded({
        connections: [
          { id: "demo-shop", name: "Demo shop", created_at: T0 },
          { id: "demo-admin", name: "Demo admin dashboard", created_at: T0 },
        ],
      }),
    "GET /v1/connections/demo-shop/sessions": (query) => {
      const status = query.get("status");
      const wanted = sessions.filter((session) => status === null || session.status === status);
      return guarded({ sessions: wanted, next_cursor: null });
    },
    "GET /v1/connections/demo-shop/sessions/stats": () =>
      guarded(someStats({ total: 1_204, active: 3, completed: 1_201, events: 2_500_000 })),
    "GET /v1/connections/demo-admin/sessions": () => ({ sessions: [], next_cursor: null }),
    "GET /v1/connections/demo-admin/sessions/stats": () => someStats({}),
    [`GET /v1/sessions/${detail.session_id}`]: () => detail,
    [`GET /v1/sessions/${detail.session_id}/events`]: () => ({ events: RECORDED, next_cursor: null }),
    "GET /v1/sessions/gone": () => refused(404, "unknown_session", "There is no such session"),
  });
});

const rows = () => screen.findAllByTestId("session-row");
const row = async (index: number) => {
  const found = (await rows())[index];
  if (found === undefined) throw new Error(`There is no row ${index}.`);
  return found;
};

describe("signing in", () => {
  it("is asked for, and leads to the sessions", async () => {
    signedIn = false;
    show(<App token={null} />);
    await userEvent.type(await screen.findByLabelText("Token"), " secret ");
    await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
    expect(await rows()).toHaveLength(2);
    expect(asked).toContain("POST /v1/sign-in");
  });

  it("is done with the token of the address before anything is asked", async () => {
    signedIn = false;
    show(<App token="secret" />);
    expect(await rows()).toHaveLength(2);
    expect(asked[0]).toBe("POST /v1/sign-in");
  });

  it("comes back after signing out", async () => {
    show(<App token={null} />);
    await userEvent.click(await screen.findByRole("button", { name: "Sign out" }));
    expect(await screen.findByTestId("sign-in")).toBeDefined();
  });

  it("is not what an API that is down asks for", async () => {
    stubQueryApi({ "GET /v1/me": () => refused(503, "not_ready", "Not ready yet") });
    show(<App token={null} />);
    expect((await screen.findByTestId("problem")).textContent).toContain("Not ready yet");
    expect(screen.getByRole("button", { name: "Try again" })).toBeDefined();
  });
});

describe("the list", () => {
  it("shows totals and sessions", async () => {
    show(<App token={null} />);
    const first = within(await row(0));
    expect(first.getByTestId("session-id").textContent).toBe(detail.session_id);
    expect(first.getByTestId("landing-url").textContent).toBe("shop.example/cart?step=2");
    expect(first.getByTestId("events").textContent).toBe("1,412");
    expect(first.getByTestId("status").textContent).toBe("Completed");
    expect(first.getByText("Chrome 143 on Linux")).toBeDefined();
    expect(first.getByRole("img", { name: "Chrome 143" })).toBeDefined();
    expect(first.getByRole("img", { name: "Linux" })).toBeDefined();
    expect(first.getByTestId("country").title).toBe("Netherlands");
    await waitFor(() => {
      expect(screen.getByTestId("tile-total").textContent).toBe("1,204");
    });
    expect(screen.getByTestId("tile-active").textContent).toBe("3");
    expect(screen.getByTestId("tile-completed").textContent).toBe("1,201");
    expect(screen.getByTestId("tile-events").textContent).toBe("2.5M");
  });

  it("enables play exactly for what can be played, and tells why not", async () => {
    show(<App token={null} />);
    const playable = within(await row(0)).getByTestId("play-button");
    const waiting = within(await row(1)).getByTestId("play-button");
    expect(playable.ariaDisabled).toBe("false");
    expect(waiting.ariaDisabled).toBe("true");
    const why = document.getElementById(waiting.getAttribute("aria-describedby") ?? "");
    expect(why?.textContent).toBe("No full snapshot of the page has arrived yet.");
  });

  it("enables play by itself when the recording lands", async () => {
    const client = show(<App token={null} />);
    await rows();
    sessions = sessions.map((session) => ({ ...session, replayable: true, not_replayable_reason: null }));
    await act(() => client.refetchQueries({ queryKey: ["sessions"] }));
    await waitFor(async () => {
      expect(within(await row(1)).getByTestId("play-button").ariaDisabled).toBe("false");
    });
  });

  it("filters by status, and keeps the filter in the address", async () => {
    show(<App token={null} />);
    await rows();
    await userEvent.click(screen.getByRole("radio", { name: "Active" }));
    await waitFor(async () => {
      expect(await rows()).toHaveLength(1);
    });
    expect(window.location.search).toBe("?status=active");
  });

  it("has nothing to show for a connection without sessions, and says so", async () => {
    show(<App token={null} />);
    await userEvent.type(await screen.findByTestId("connection-picker"), "admin{Enter}");
    expect((await screen.findByTestId("no-sessions")).textContent).toContain("No sessions yet");
    expect(window.location.search).toBe("?connection=demo-admin");
  });

  it("says when the address names a connection that is not there", async () => {
    window.history.replaceState(null, "", "/?connection=nobody");
    show(<App token={null} />);
    expect((await screen.findByTestId("no-connection")).textContent).toContain("nobody");
  });

  it("stays on the screen when the API goes away", async () => {
    const client = show(<App token={null} />);
    await rows();
    stubQueryApi({});
    await act(() => client.refetchQueries({ queryKey: ["sessions"] }));
    expect((await screen.findByTestId("stale")).textContent).toContain("cannot be reached");
    expect(await rows()).toHaveLength(2);
  });

  it("lets new sessions wait while the pointer is over it", async () => {
    const client = show(<App token={null} />);
    await userEvent.hover(await row(1));
    sessions = [aSession({ session_id: "new", started_at: T0 + 1 }), ...sessions];
    await act(() => client.refetchQueries({ queryKey: ["sessions"] }));
    const pill = await screen.findByTestId("new-sessions");
    expect(pill.textContent).toContain("1 new session");
    expect(await rows()).toHaveLength(2);
    await userEvent.click(pill);
    expect(await rows()).toHaveLength(3);
  });

  it("is walked through with the arrows", async () => {
    show(<App token={null} />);
    (await row(0)).focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(await row(1));
    await userEvent.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(await row(0));
  });
});

describe("the replay", () => {
  const playing = async () => {
    await waitFor(() => {
      expect(screen.getByTestId<HTMLButtonElement>("replay-play").disabled).toBe(false);
    });
  };

  it("opens by a click on the row, at an address of its own, with what is known of the session", async () => {
    show(<App token={null} />);
    await userEvent.click(await row(0));
    const panel = within(await screen.findByTestId("info-panel"));
    expect(window.location.pathname).toBe(`/sessions/${detail.session_id}`);
    expect(panel.getByTestId("info-session-id").textContent).toBe(detail.session_id);
    expect(panel.getByTestId("info-landing-url").textContent).toBe(detail.landing_url);
    expect(panel.getByTestId("info-started").textContent).toContain("24 Nov 2026");
    expect(panel.getByTestId("info-events").textContent).toContain("1,412");
    expect(panel.getByTestId("info-status").textContent).toContain("Completed");
    expect(panel.getByTestId("info-user-agent").textContent).toContain(detail.user_agent);
  });

  it("opens by the play button and by Enter, and plays by itself", async () => {
    show(<App token={null} />);
    await userEvent.click(within(await row(0)).getByTestId("play-button"));
    await playing();
    expect(screen.getByTestId("replay-play").getAttribute("aria-label")).toBe("Pause");
    await userEvent.click(screen.getByTestId("close-replay"));
    await waitFor(() => {
      expect(screen.queryByTestId("replay")).toBeNull();
    });
    (await row(0)).focus();
    await userEvent.keyboard("{Enter}");
    expect(await screen.findByTestId("replay")).toBeDefined();
  });

  it("stands at the moment that the address names, to the millisecond", async () => {
    window.history.replaceState(null, "", `/sessions/${detail.session_id}?at=${T0 + 1_234}`);
    show(<App token={null} />);
    await screen.findByTestId("replay");
    await playing();
    const time = screen.getByTestId("current-time");
    expect(time.getAttribute("data-position-ms")).toBe("1234");
    expect(time.getAttribute("data-at-ms")).toBe(String(T0 + 1_234));
    expect(screen.getByRole("slider", { name: "Timeline" }).getAttribute("aria-valuetext")).toBe(
      "1 second of 1 minute 1 second",
    );
    await userEvent.keyboard("{ArrowRight}");
    expect(time.getAttribute("data-position-ms")).toBe("6234");
  });

  it("gives the focus back to the row", async () => {
    show(<App token={null} />);
    const opened = await row(0);
    opened.focus();
    await userEvent.keyboard("{Enter}");
    await userEvent.click(await screen.findByTestId("close-replay"));
    await waitFor(() => {
      expect(screen.queryByTestId("replay")).toBeNull();
    });
    expect(document.activeElement).toBe(opened);
    expect(window.location.pathname).toBe("/");
  });

  it("closes once, however often it is asked to", async () => {
    window.history.pushState(null, "", "/?status=completed");
    show(<App token={null} />);
    await userEvent.click(await row(0));
    const close = await screen.findByTestId("close-replay");
    const back = vi.spyOn(window.history, "back");
    close.click();
    close.click();
    expect(back).toHaveBeenCalledTimes(1);
    await waitFor(() => {
      expect(screen.queryByTestId("replay")).toBeNull();
    });
    expect(window.location.search).toBe("?status=completed");
  });

  it("waits with the reason while it cannot play, and starts by itself when it can", async () => {
    const whole = detail;
    detail = {
      ...whole,
      status: "active",
      replayable: false,
      not_replayable_reason: "no_meta",
      windows: [aWindow({ playable_at: null })],
    };
    window.history.replaceState(null, "", `/sessions/${whole.session_id}`);
    const client = show(<App token={null} />);
    expect((await screen.findByTestId("not-playable")).textContent).toContain("have not arrived yet");
    expect(screen.getByTestId<HTMLButtonElement>("replay-play").disabled).toBe(true);
    expect(screen.getByTestId<HTMLInputElement>("scrubber").disabled).toBe(true);
    detail = whole;
    await act(() => client.refetchQueries({ queryKey: ["session"] }));
    await playing();
    expect(screen.queryByTestId("not-playable")).toBeNull();
  });

  it("has a tab for each window when there are several", async () => {
    detail = {
      ...detail,
      windows: [aWindow({ window_id: "late", first_at: T0 + 9 }), aWindow({ window_id: "early" })],
    };
    window.history.replaceState(null, "", `/sessions/${detail.session_id}`);
    show(<App token={null} />);
    const tabs = await screen.findAllByTestId("window-tab");
    expect(
      tabs.map((tab) => [
        tab.textContent,
        tab.getAttribute("data-window-id"),
        tab.getAttribute("aria-selected"),
      ]),
    ).toEqual([
      ["Window 1", "early", "true"],
      ["Window 2", "late", "false"],
    ]);
    await userEvent.click(screen.getByRole("tab", { name: "Window 2" }));
    expect(window.location.search).toBe("?window=late");
    await waitFor(() => {
      expect(asked.some((address) => address.includes("window=late"))).toBe(true);
    });
  });

  it("says when there is no such session", async () => {
    window.history.replaceState(null, "", "/sessions/gone");
    show(<App token={null} />);
    expect((await screen.findByTestId("problem")).textContent).toContain("There is no such session");
  });

  it("says when the events hold no full snapshot after all", async () => {
    stubQueryApi({
      "GET /v1/me": () => ({ name: "Ada", tenant: "demo", role: "reader" }),
      "GET /v1/connections": () => ({ connections: [] }),
      [`GET /v1/sessions/${detail.session_id}`]: () => detail,
      [`GET /v1/sessions/${detail.session_id}/events`]: () => ({
        events: [textChange(0, "a")],
        next_cursor: null,
      }),
    });
    window.history.replaceState(null, "", `/sessions/${detail.session_id}`);
    show(<App token={null} />);
    expect(await screen.findByTestId("replay-failure")).toBeDefined();
    expect(screen.getByTestId<HTMLButtonElement>("replay-play").disabled).toBe(true);
  });
});
