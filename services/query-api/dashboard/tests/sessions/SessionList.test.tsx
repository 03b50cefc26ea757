// The list by itself, against a query API that answers from memory. What needs a layout is in tests/browser.
import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SessionFriction, Session } from "../../src/api/types";
import { type Filters, NEWEST_FIRST, NO_FILTERS } from "../../src/filters/filters";
import { SessionList } from "../../src/sessions/SessionList";
import { aSession, T0 } from "../builders";
import { refused, stubQueryApi } from "../queryApi";
import { show, showAgain } from "../show";

const LIST = "GET /v1/connections/demo-shop/sessions";
/** One page, and more than fits a screen. */
const MANY = 50;

let sessions: Session[];
let frictions: SessionFriction[];
let asked: string[];
let opened: string[];

const numbered = (n: number, change: Partial<Session> = {}) =>
  aSession({
    session_id: `session-${String(n).padStart(4, "0")}`,
    started_at: T0 - n * 1_000,
    landing_url: `https://shop.example/page/${n}`,
    ...change,
  });

/** Pages as the API cuts them: a cursor is a place in the order. */
function pageOf(query: URLSearchParams) {
  const after = query.get("cursor");
  const from = after === null ? 0 : sessions.findIndex(({ session_id }) => session_id === after) + 1;
  const page = sessions.slice(from, from + Number(query.get("limit")));
  const last = page.at(-1);
  return {
    sessions: page,
    next_cursor: last === undefined || last === sessions.at(-1) ? null : last.session_id,
  };
}

beforeEach(() => {
  sessions = Array.from({ length: MANY }, (_, n) => numbered(n));
  frictions = [];
  opened = [];
  asked = stubQueryApi({
    [LIST]: pageOf,
    [`${LIST}/friction`]: (query) => ({
      sessions: frictions.filter(({ session_id }) => query.getAll("session").includes(session_id)),
    }),
  });
});
afterEach(() => {
  vi.spyOn(navigator, "onLine", "get").mockRestore();
});

const list = (filters: Filters, order = NEWEST_FIRST) => (
  <SessionList
    connection="demo-shop"
    filters={filters}
    order={order}
    clear={() => undefined}
    open={(session) => opened.push(session)}
  />
);
const draw = () => show(list(NO_FILTERS));
const rows = () => screen.findAllByTestId("session-row");
const row = async (n: number) => {
  await rows();
  const found = document.querySelector<HTMLElement>(`[data-session-id="${numbered(n).session_id}"]`);
  if (found === null) throw new Error(`Row ${n} is not drawn.`);
  return found;
};
const grid = async () => {
  await rows();
  const found = document.querySelector<HTMLElement>("[role=grid]");
  if (found === null) throw new Error("There is no grid.");
  return found;
};
const furtherCalls = () => asked.filter((call) => call.includes("cursor="));

describe("a grid", () => {
  it("draws few rows of many, and says which they are", async () => {
    draw();
    expect((await grid()).ariaRowCount).toBe(String(MANY + 1));
    expect((await rows()).length).toBeLessThan(25);
    expect(screen.getByRole("columnheader", { name: "Friction" }).parentElement?.ariaRowIndex).toBe("1");
    expect((await row(0)).ariaRowIndex).toBe("2");
    expect((await row(5)).ariaRowIndex).toBe("7");
  });

  it("does not pretend to know how many rows there are while there are more", async () => {
    sessions = Array.from({ length: 400 }, (_, n) => numbered(n));
    draw();
    expect((await grid()).ariaRowCount).toBe("-1");
  });

  it("names a row by what tells it apart", async () => {
    draw();
    const name = `shop.example/page/0 ${(await row(0)).querySelector("time")?.textContent ?? ""}`;
    expect(within(await grid()).getByRole("row", { name: new RegExp(name.slice(0, 30)) })).toBe(await row(0));
  });
});

describe("a row", () => {
  it("shows a short id that is whole when it is copied", async () => {
    const id = "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55";
    sessions = [aSession({ session_id: id })];
    const user = userEvent.setup();
    draw();
    expect((await screen.findByTestId("session-id")).textContent).toBe(id);
    expect(screen.getByText(id.slice(8, -4)).className).toBe("session-id-middle");
    await user.click(screen.getByTestId("copy-id"));
    expect(await navigator.clipboard.readText()).toBe(id);
    expect(screen.getByRole("button", { name: "Copied" })).toBeDefined();
    expect(opened).toEqual([]);
  });

  it("says exactly when it started, with the zone, when one goes to the time", async () => {
    sessions = [numbered(0)];
    draw();
    const time = await screen.findByTestId("started");
    act(() => {
      time.focus();
    });
    expect(screen.getByRole("tooltip").textContent).toBe("Tue, 24 Nov 2026, 07:00:00 CET");
  });

  it("keeps a play button that cannot play reachable, with its reason", async () => {
    sessions = [numbered(0, { replayable: false, not_replayable_reason: "no_meta", status: "active" })];
    draw();
    const why = "The size and address of the page have not arrived yet.";
    const play = await screen.findByRole("button", { name: /^Play session/, description: why });
    expect(play.ariaDisabled).toBe("true");
    (await row(0)).focus();
    await userEvent.tab();
    expect(document.activeElement).toBe(play);
    expect(screen.getByRole("tooltip").textContent).toBe(why);
    await userEvent.keyboard("{Enter}");
    await userEvent.click(play);
    expect(opened).toEqual([]);
  });

  it("leads to the session in a tab of its own when the browser is asked to", async () => {
    sessions = [numbered(0)];
    draw();
    const link = await screen.findByTestId<HTMLAnchorElement>("landing-url");
    expect(link.getAttribute("href")).toBe("/sessions/session-0000?connection=demo-shop");
    await userEvent.click(link);
    expect(opened).toEqual(["session-0000"]);
    const user = userEvent.setup();
    await user.keyboard("{Control>}");
    await user.click(link);
    expect(opened).toHaveLength(1);
  });

  it("has the friction of its session, asked for with that of the other rows", async () => {
    sessions = [numbered(0), numbered(1)];
    frictions = [
      { session_id: "session-0001", rage_clicks: 3, dead_clicks: 0, quick_backs: 0, errors: 1 },
      { session_id: "session-0000", rage_clicks: 0, dead_clicks: 0, quick_backs: 0, errors: 0 },
    ];
    draw();
    const second = within(await row(1));
    expect((await second.findByTestId("friction-rage")).textContent).toBe("33 rage clicks, ");
    expect(second.getByTestId("friction-error").title).toBe("1 error");
    expect(within(await row(0)).queryByTestId("friction-rage")).toBeNull();
    expect(asked.filter((call) => call.includes("/friction"))).toEqual([
      `${LIST}/friction?session=session-0000&session=session-0001`,
    ]);
  });

  it("says so where friction is not known", async () => {
    stubQueryApi({
      [LIST]: pageOf,
      [`${LIST}/friction`]: () => refused(503, "storage_unavailable", "The storage is away"),
    });
    sessions = [numbered(0)];
    draw();
    expect((await screen.findByText("Friction is not known")).parentElement?.title).toContain(
      "The storage is away",
    );
  });
});

describe("the keyboard", () => {
  it("has one stop in the list, and its buttons behind it", async () => {
    draw();
    await rows();
    await userEvent.tab();
    expect(document.activeElement).toBe(await row(0));
    for (const stop of ["play-button", "copy-id", "started"]) {
      await userEvent.tab();
      expect(document.activeElement).toBe(within(await row(0)).getByTestId(stop));
    }
    await userEvent.tab();
    expect((await grid()).contains(document.activeElement)).toBe(false);
  });

  it("walks through rows, also to those that were not drawn", async () => {
    draw();
    (await row(0)).focus();
    await userEvent.keyboard("{End}");
    expect(document.activeElement).toBe(await row(MANY - 1));
    await userEvent.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(await row(MANY - 2));
    await userEvent.keyboard("{Home}{ArrowDown}{PageDown}");
    expect(document.activeElement).toBe(await row(1 + Math.floor(window.innerHeight / 72) - 2));
    await userEvent.keyboard("{PageUp}{Enter}");
    expect(opened).toEqual([numbered(1).session_id]);
  });

  it("walks through a row", async () => {
    draw();
    (await row(2)).focus();
    await userEvent.keyboard("{ArrowRight}{ArrowRight}");
    expect(document.activeElement).toBe(within(await row(2)).getByTestId("copy-id"));
    await userEvent.keyboard("{ArrowLeft}{ArrowLeft}{ArrowLeft}");
    expect(document.activeElement).toBe(await row(2));
    await userEvent.keyboard("{ArrowRight}{ArrowDown}");
    expect(document.activeElement).toBe(await row(3));
  });

  it("stays in its row while others arrive and go", async () => {
    const client = draw();
    const focused = await row(3);
    focused.focus();
    sessions = [numbered(-1), ...sessions.filter((_, n) => n !== 1)];
    await act(() => client.refetchQueries({ queryKey: ["sessions"] }));
    await waitFor(() => {
      expect(document.querySelector(`[data-session-id="${numbered(1).session_id}"]`)).toBeNull();
    });
    expect(document.activeElement).toBe(focused);
  });

  it("goes to the row that takes the place of one that is gone", async () => {
    const client = draw();
    (await row(3)).focus();
    sessions = sessions.filter((_, n) => n !== 3);
    await act(() => client.refetchQueries({ queryKey: ["sessions"] }));
    await waitFor(async () => {
      expect(document.activeElement).toBe(await row(4));
    });
  });
});

describe("further pages", () => {
  it("come in large pieces, each once", async () => {
    sessions = Array.from({ length: 280 }, (_, n) => numbered(n));
    draw();
    await rows();
    await userEvent.click(screen.getByTestId("load-more"));
    await waitFor(() => {
      expect(furtherCalls()).toHaveLength(1);
    });
    expect(furtherCalls()[0]).toContain("limit=200");
    await screen.findByText("Load more");
    await userEvent.click(screen.getByTestId("load-more"));
    await waitFor(() => {
      expect(screen.queryByTestId("load-more")).toBeNull();
    });
    expect(furtherCalls()).toHaveLength(2);
    expect((await grid()).ariaRowCount).toBe("281");
  });

  it("are asked for by hand after they failed", async () => {
    sessions = Array.from({ length: 60 }, (_, n) => numbered(n));
    let failing = true;
    asked = stubQueryApi({
      [LIST]: (query) =>
        failing && query.has("cursor")
          ? refused(503, "storage_unavailable", "The storage is away")
          : pageOf(query),
    });
    draw();
    await rows();
    await userEvent.click(await screen.findByTestId("load-more"));
    const again = await screen.findByText(/Try again/);
    expect(furtherCalls()).toHaveLength(1);
    failing = false;
    await userEvent.click(again);
    await waitFor(async () => {
      expect((await grid()).ariaRowCount).toBe("61");
    });
  });
});

describe("new sessions", () => {
  const arrive = async (client: ReturnType<typeof draw>, ...numbers: number[]) => {
    sessions = [...numbers.map((n) => numbered(n)), ...sessions];
    await act(() => client.refetchQueries({ queryKey: ["sessions"] }));
  };
  const announced = () => screen.getByTestId("arrivals").textContent;

  beforeEach(() => {
    sessions = sessions.slice(0, 5);
  });

  it("are shown and announced while nobody is in the list", async () => {
    const client = draw();
    await rows();
    expect(announced()).toBe("");
    await arrive(client, -1);
    await waitFor(async () => {
      expect((await rows())[0]).toBe(await row(-1));
    });
    expect(announced()).toBe("1 new session at the top of the list");
  });

  it("wait while the focus is in it, are announced, and get the focus when they are asked for", async () => {
    const client = draw();
    (await row(2)).focus();
    await arrive(client, -2, -1);
    const pill = await screen.findByTestId("new-sessions");
    expect(announced()).toBe("2 new sessions above the list");
    expect((await rows())[0]).toBe(await row(0));
    await userEvent.click(pill);
    expect((await rows())[0]).toBe(await row(-2));
    expect(document.activeElement).toBe(await row(-2));
  });

  it("wait after a touch", async () => {
    const client = draw();
    await userEvent.pointer({ keys: "[TouchA]", target: (await grid()).firstElementChild ?? document.body });
    await arrive(client, -1);
    expect((await screen.findByTestId("new-sessions")).textContent).toContain("1 new session");
  });

  it("come to their place at once in another order, where none waits", async () => {
    const { client } = showAgain(list(NO_FILTERS, { sort: "events", direction: "desc" }));
    (await row(2)).focus();
    await arrive(client, -1);
    await waitFor(async () => {
      expect(await rows()).toHaveLength(6);
    });
    expect(screen.queryByTestId("new-sessions")).toBeNull();
  });

  it("are not what another filter finds", async () => {
    sessions = [numbered(0, { status: "active" }), ...sessions.slice(1)];
    asked = stubQueryApi({
      [LIST]: (query) => ({
        sessions: sessions.filter(({ status }) => !query.has("status") || status === query.get("status")),
        next_cursor: null,
      }),
    });
    const { rerender } = showAgain(list({ ...NO_FILTERS, status: "completed" }));
    (await row(2)).focus();
    rerender(list(NO_FILTERS));
    await waitFor(async () => {
      expect(await rows()).toHaveLength(5);
    });
    expect(screen.queryByTestId("new-sessions")).toBeNull();
    expect(announced()).toBe("");
  });
});

describe("a list of which many pages are open", () => {
  /** Draws 250 sessions and opens the second page; then nothing polls but who is told to. */
  const drawDeep = async () => {
    sessions = Array.from({ length: 600 }, (_, n) => numbered(n));
    const client = draw();
    await rows();
    // As a scroll does it: nobody points at the list or has the focus in it.
    act(() => {
      screen.getByTestId("load-more").click();
    });
    await waitFor(() => {
      expect(furtherCalls()).toHaveLength(1);
    });
    await screen.findByText("Load more");
    return client;
  };
  const newestAgain = (client: Awaited<ReturnType<typeof drawDeep>>) =>
    act(() => client.refetchQueries({ queryKey: ["newest"] }));

  it("learns of new sessions and changes by its newest page alone", async () => {
    const client = await drawDeep();
    sessions = [numbered(-1), numbered(0, { status: "active" }), ...sessions.slice(1)];
    await newestAgain(client);
    await waitFor(async () => {
      expect((await rows())[0]).toBe(await row(-1));
    });
    expect((await row(0)).dataset.status).toBe("active");
    expect(furtherCalls()).toHaveLength(1);
  });

  it("is asked for as a whole when more arrived than that page holds", async () => {
    const client = await drawDeep();
    sessions = [...Array.from({ length: 60 }, (_, n) => numbered(n - 60)), ...sessions];
    await newestAgain(client);
    await waitFor(async () => {
      expect((await rows())[0]).toBe(await row(-60));
    });
    expect(furtherCalls()).toHaveLength(2);
    // None is missing between the newest page and the list before.
    (await row(-60)).focus();
    await userEvent.keyboard("{PageDown}{PageDown}{PageDown}{PageDown}{PageDown}{PageDown}");
    const at = 6 * (Math.floor(window.innerHeight / 72) - 2) - 60;
    expect(document.activeElement).toBe(await row(at));
  });
});

describe("a list that cannot be had", () => {
  const goOffline = (offline: boolean) => {
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(!offline);
    act(() => {
      window.dispatchEvent(new Event(offline ? "offline" : "online"));
    });
  };
  afterEach(() => {
    goOffline(false);
  });

  it("says that it is offline, as of when it is, and comes back by itself", async () => {
    sessions = sessions.slice(0, 5);
    draw();
    await rows();
    goOffline(true);
    expect((await screen.findByTestId("stale")).textContent).toMatch(
      /^You are offline. The list is as of \d\d:\d\d:\d\d CET;/,
    );
    expect(await rows()).toHaveLength(5);
    sessions = [numbered(-1), ...sessions];
    goOffline(false);
    await waitFor(async () => {
      expect(await rows()).toHaveLength(6);
    });
    expect(screen.queryByTestId("stale")).toBeNull();
  });

  it("says that it is offline where it has nothing to show yet", async () => {
    goOffline(true);
    draw();
    expect(await screen.findByTestId("offline")).toBeDefined();
    goOffline(false);
    expect(await rows()).not.toHaveLength(0);
  });

  it("keeps saying what failed while it asks again", async () => {
    stubQueryApi({ [LIST]: () => refused(503, "storage_unavailable", "The storage is away") });
    const client = draw();
    expect((await screen.findByTestId("problem")).textContent).toContain("The storage is away");
    let answer: (value: unknown) => void = () => undefined;
    vi.stubGlobal("fetch", () => new Promise((resolve) => (answer = resolve)));
    act(() => void client.refetchQueries({ queryKey: ["sessions"] }));
    await waitFor(() => {
      expect(client.isFetching()).toBe(1);
    });
    expect(screen.getByTestId("problem").textContent).toContain("The storage is away");
    answer(new Response(JSON.stringify({ sessions: [numbered(0)], next_cursor: null })));
    expect(await rows()).toHaveLength(1);
  });
});
