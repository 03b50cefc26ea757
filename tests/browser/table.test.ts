// The list of sessions in a real Chromium: one real session, and thousands of made-up ones that the list call answers
// with. Everything else is the real stack.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";

const GAP_MS = 600_000;
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const DESKTOP = { width: 1_440, height: 900 };
/** Most rows that may be drawn on any of these screens. */
const FEW = 60;

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
});
afterEach(async () => {
  await context.close();
});

async function open(viewport: { width: number; height: number }): Promise<void> {
  context = await browser.newContext({ viewport, timezoneId: "Europe/Vienna" });
  page = await context.newPage();
}
async function goToList(): Promise<void> {
  await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
  await page.getByTestId("session-row").first().waitFor();
}

const rows = (): Locator => page.getByTestId("session-row");
const rowOf = (session: string): Locator => page.locator(`[data-session-id="${session}"]`);
const grid = (): Locator => page.getByRole("grid", { name: "Sessions" });
const focused = (): Promise<string | null> =>
  page.evaluate(
    () => document.activeElement?.closest<HTMLElement>("[data-session-id]")?.dataset.sessionId ?? null,
  );
/** The session whose row is seen in the middle of an element: not covered, not outside of the screen. */
const seenAt = (row: Locator): Promise<string | null> =>
  row.evaluate((element) => {
    const { left, top, height } = element.getBoundingClientRect();
    const there = document.elementFromPoint(left + 60, top + height / 2);
    return there?.closest<HTMLElement>("[data-session-id]")?.dataset.sessionId ?? null;
  });
const topOf = (row: Locator): Promise<number> =>
  row.evaluate((element) => element.getBoundingClientRect().top);

/** Where something is, once it stands still: what is above the list, or in it, may still be loading. */
async function settled(where: () => Promise<number>): Promise<number> {
  let before = await where();
  await until("it stands still", async () => {
    const now = await where();
    const still = now === before;
    before = now;
    return still;
  });
  return before;
}

describe("a session of the real API", () => {
  it("says what is known of it, and why it cannot be played until it can", async () => {
    const at = Date.now();
    const send = async (seq: number, event: unknown) => {
      const query = new URLSearchParams({
        key: stack.writeKey,
        visitor: "v",
        window: "w",
        seq: String(seq),
      });
      const answer = await fetch(`${stack.collectorUrl}/v1/batches?${query}`, {
        method: "POST",
        headers: { "User-Agent": USER_AGENT },
        body: JSON.stringify([event]),
      });
      expect(answer.status).toBe(202);
    };
    await send(0, {
      type: 4,
      data: { href: "https://tea.example/basket?step=2", width: 800, height: 600 },
      timestamp: at,
    });
    await open(DESKTOP);
    await goToList();

    const row = rows().first();
    const session = (await row.getAttribute("data-session-id")) ?? "";
    expect(await row.getByTestId("session-id").textContent()).toBe(session);
    expect((await row.getByTestId("session-id").innerText()).length).toBeLessThan(session.length + 1);
    expect(await row.getByTestId("landing-url").innerText()).toBe("tea.example/basket?step=2");
    expect(await row.getByTestId("status").innerText()).toBe("Active");
    expect(await row.getByTestId("events").innerText()).toBe("1");
    expect(await row.getByTestId("duration").innerText()).toBe("0 ms");
    expect(await row.getByTestId("started").innerText()).toMatch(/^(just now|\d+ (second|minute)s? ago)/);
    expect(await row.getByRole("img", { name: "Chrome" }).isVisible()).toBe(true);
    expect(await row.getByRole("img", { name: "Linux" }).isVisible()).toBe(true);

    // The keyboard reaches the button, and is told why it does nothing.
    const play = row.getByTestId("play-button");
    expect(await play.isDisabled()).toBe(true);
    await row.focus();
    await page.keyboard.press("Tab");
    const why = row.getByRole("tooltip", { name: /arrived yet/ });
    await why.waitFor();
    expect(await play.getAttribute("aria-describedby")).toBe(await why.getAttribute("id"));
    await page.keyboard.press("Enter");
    expect(await page.getByTestId("replay").count()).toBe(0);

    // So does the exact time, in the reader's zone.
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    expect(await row.getByRole("tooltip").innerText()).toMatch(/^\w{3}, \d+ \w+ \d{4}, [\d:]{8} CES?T$/);

    // And to who points at the time, for as long as they do.
    await page.mouse.move(0, 0);
    await row.focus();
    await row.getByRole("tooltip").waitFor({ state: "detached" });
    await row.getByTestId("started").hover();
    expect(await row.getByRole("tooltip").innerText()).toMatch(/^\w{3}, \d+ \w+ \d{4}, [\d:]{8} CES?T$/);
    await page.mouse.move(0, 0);
    await row.getByRole("tooltip").waitFor({ state: "detached" });

    const html = { type: 2, tagName: "html", attributes: {}, childNodes: [], id: 2 };
    const node = { type: 0, childNodes: [html], id: 1 };
    await send(1, { type: 2, data: { node, initialOffset: { left: 0, top: 0 } }, timestamp: at + 1 });
    await until("it can be played", () => play.isEnabled());
    expect(await row.getByTestId("duration").innerText()).toBe("1 ms");
    expect(await row.getByTestId("why-not-playable").count()).toBe(0);

    await row.focus();
    await page.keyboard.press("Enter");
    await page.getByTestId("replay").waitFor();
    await page.getByTestId("close-replay").click();
    await page.getByTestId("replay").waitFor({ state: "detached" });
    expect(await focused()).toBe(session);
  });
});

interface Made {
  session_id: string;
  connection_id: string;
  started_at: number;
  [field: string]: unknown;
}

describe("thousands of sessions", () => {
  const MANY = 3_000;
  const now = Date.now();
  let listed: Made[];
  /** The list calls, as their queries. */
  let asked: URLSearchParams[];
  let frictionOf: string[][];
  /** The list call gets no answer. */
  let away: boolean;

  const idOf = (n: number) => `0199ab00-7c3e-7d21-9b4a-${String(500_000 - n).padStart(12, "0")}`;
  const made = (n: number): Made => ({
    session_id: idOf(n),
    connection_id: stack.connection,
    visitor_id: `v-${n}`,
    started_at: now - 60_000 - n * 1_000,
    first_event_at: now - 60_000 - n * 1_000,
    last_event_at: now - n * 1_000,
    duration_ms: 60_000,
    status: n % 9 === 0 ? "active" : "completed",
    completed_at: null,
    completion_reason: null,
    landing_url: `https://tea.example/${n % 4 === 0 ? "a-rather-long-path/".repeat(8) : ""}page/${n}`,
    user_agent: USER_AGENT,
    browser: ["Chrome", "Firefox", "Mobile Safari", "Edge"][n % 4],
    os: ["Windows", "Ubuntu", "iOS", "Android"][n % 4],
    device: "Other",
    country: ["NL", "", "AT"][n % 3],
    events: 1_000 + n,
    batches: 2,
    raw_bytes: 10_000,
    replayable: n % 5 !== 2,
    not_replayable_reason: n % 5 === 2 ? "no_full_snapshot" : null,
  });

  beforeEach(() => {
    listed = Array.from({ length: MANY }, (_, n) => made(n));
    asked = [];
    frictionOf = [];
    away = false;
  });

  const openMany = async (viewport = DESKTOP) => {
    await open(viewport);
    await page.route("**/v1/connections/*/sessions?*", async (route) => {
      const query = new URL(route.request().url()).searchParams;
      asked.push(query);
      if (away) {
        await route.abort();
        return;
      }
      const after = query.get("cursor");
      const from = after === null ? 0 : listed.findIndex(({ session_id }) => session_id === after) + 1;
      const sessions = listed.slice(from, from + Number(query.get("limit") ?? 50));
      const last = sessions.at(-1);
      const next_cursor = last === undefined || last === listed.at(-1) ? null : last.session_id;
      await route.fulfill({ json: { sessions, next_cursor } });
    });
    await page.route("**/sessions/friction?*", async (route) => {
      const ids = new URL(route.request().url()).searchParams.getAll("session");
      frictionOf.push(ids);
      const sessions = ids.map((session_id) => ({
        session_id,
        rage_clicks: 3,
        dead_clicks: 1,
        quick_backs: 0,
        errors: 2,
      }));
      await route.fulfill({ json: { sessions } });
    });
    await goToList();
  };
  const lastDrawn = () =>
    rows().evaluateAll((found) => Math.max(...found.map((row) => Number(row.ariaRowIndex))));

  it("are scrolled through to the end with a small page, each in its place", async () => {
    await openMany();
    await page.mouse.move(700, 600);
    let most = 0;
    const seen = new Set<string>();
    await until("the last session is seen", async () => {
      // A fling, and then what is there.
      await page.mouse.wheel(0, 40_000);
      const drawn = await rows().evaluateAll((found) =>
        found.map(
          (row) => [row.ariaRowIndex, row.getAttribute("data-session-id"), row.ariaDescription] as const,
        ),
      );
      most = Math.max(most, drawn.length);
      for (const [index, id] of drawn) {
        expect(id).toBe(idOf(Number(index) - 2));
        seen.add(id ?? "");
      }
      return seen.has(idOf(MANY - 1));
    });
    expect(most).toBeLessThan(FEW);
    expect(await grid().getAttribute("aria-rowcount")).toBe(String(MANY + 1));
    expect(await page.getByTestId("load-more").count()).toBe(0);
    expect(await page.locator("*").count()).toBeLessThan(3_000);
    // Each page was asked for once, apart from refreshes of the list.
    const cursors = asked.map((query) => query.get("cursor"));
    expect(new Set(cursors).size).toBe(1 + Math.ceil((MANY - 50) / 200));

    // Nobody asked for the friction of all that was only flung past.
    expect(Math.max(...frictionOf.map((ids) => ids.length))).toBeLessThanOrEqual(100);
    await rowOf(idOf(MANY - 1))
      .getByTestId("friction-rage")
      .waitFor();
    expect(new Set(frictionOf.flat()).size).toBeLessThan(MANY);
  });

  it("are walked through by the keyboard, always in sight and never under the header", async () => {
    await openMany();
    await rows().first().focus();
    await page.keyboard.press("End");
    await until("the last row so far has the focus", async () => (await focused()) === idOf(49));
    expect(await seenAt(rowOf(idOf(49)))).toBe(idOf(49));
    await until("the next page is there", async () => (await lastDrawn()) > 51);
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe(idOf(50));
    for (const key of ["PageDown", "PageDown", "PageUp", "ArrowUp", "PageUp", "ArrowUp", "ArrowUp"]) {
      await page.keyboard.press(key);
      const session = (await focused()) ?? "nothing";
      expect(await seenAt(rowOf(session)), key).toBe(session);
    }
    await page.keyboard.press("Home");
    expect(await focused()).toBe(idOf(0));
    expect(await seenAt(rowOf(idOf(0)))).toBe(idOf(0));
    expect(await rows().count()).toBeLessThan(FEW);
  });

  it("keep the focus where it is while the list scrolls, grows, loses the row, and under a replay", async () => {
    await openMany();
    await rowOf(idOf(3)).focus();
    await page.mouse.move(700, 600);
    await page.mouse.wheel(0, 2_500);
    await until("the row is out of sight", async () => (await topOf(rowOf(idOf(3)))) < -500);
    expect(await focused()).toBe(idOf(3));
    listed = [made(-1), ...listed];
    await page.getByTestId("new-sessions").waitFor();
    expect(await focused()).toBe(idOf(3));
    await page.keyboard.press("ArrowDown");
    expect(await focused()).toBe(idOf(4));
    expect(await seenAt(rowOf(idOf(4)))).toBe(idOf(4));

    await page.keyboard.press("Enter");
    await page.getByTestId("replay").waitFor();
    await page.getByTestId("close-replay").click();
    await page.getByTestId("replay").waitFor({ state: "detached" });
    await until("the focus is back", async () => (await focused()) === idOf(4));

    listed = listed.filter(({ session_id }) => session_id !== idOf(4));
    await until("the next row has it", async () => (await focused()) === idOf(5));
  });

  it("announce new ones and do not move for them, until they are asked for", async () => {
    await openMany();
    await page.mouse.move(700, 600);
    await until("one is deep in the list", async () => {
      await page.mouse.wheel(0, 2_000);
      return (await lastDrawn()) > 130;
    });
    const row = rows().last();
    const before = await settled(() => topOf(row));
    expect(await page.getByTestId("arrivals").innerText()).toBe("");
    listed = [made(-2), made(-1), ...listed];
    const pill = page.getByTestId("new-sessions");
    await pill.waitFor();
    expect(await pill.innerText()).toContain("2 new sessions");
    expect(await page.getByTestId("arrivals").innerText()).toBe("2 new sessions above the list");
    expect(await topOf(row)).toBe(before);
    await pill.click();
    await until("the newest has the focus", async () => (await focused()) === idOf(-2));
    expect(await seenAt(rowOf(idOf(-2)))).toBe(idOf(-2));
    expect(await pill.count()).toBe(0);
  });

  it("stay while the network or the API is away, say as of when they are, and come back by themselves", async () => {
    await openMany();
    const stale = page.getByTestId("stale");
    // In the list: the chart above it says for itself that it is offline.
    const top = async () => (await topOf(rows().first())) - (await topOf(page.locator(".session-list")));
    const before = await settled(top);
    await context.setOffline(true);
    await stale.waitFor();
    expect(await stale.innerText()).toMatch(/^You are offline. The list is as of [\d:]{8} CES?T;/);
    expect(await top()).toBe(before);
    listed = [made(-1), ...listed];
    await context.setOffline(false);
    await rowOf(idOf(-1)).waitFor();
    await stale.waitFor({ state: "detached" });

    away = true;
    await stale.waitFor();
    expect(await stale.innerText()).toMatch(/cannot be reached. The list is as of/);
    expect(await rowOf(idOf(-1)).isVisible()).toBe(true);
    listed = [made(-2), ...listed];
    away = false;
    await rowOf(idOf(-2)).waitFor();
    await stale.waitFor({ state: "detached" });
  });

  it("can be had page by page where the end is never scrolled to", async () => {
    await openMany();
    const more = page.getByRole("button", { name: "Load more" });
    await rows().first().focus();
    // Past the buttons of the row that is the list's one tab stop.
    await until("the button has the focus", async () => {
      await page.keyboard.press("Tab");
      return more.evaluate((button) => button === document.activeElement);
    });
    await page.keyboard.press("Enter");
    await until(
      "the next page is there",
      async () => (await lastDrawn()) > 0 && asked.some((q) => q.has("cursor")),
    );
  });

  it.each([
    ["phone", { width: 360, height: 740 }],
    ["phone, lying", { width: 740, height: 360 }],
    ["tablet", { width: 1_000, height: 800 }],
    ["desktop", DESKTOP],
    ["4K", { width: 3_840, height: 2_160 }],
  ])("fit a %s: nothing overlaps, nothing is wider than the screen", async (_name, viewport) => {
    await openMany(viewport);
    await rowOf(idOf(2)).getByTestId("friction-rage").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    const overlaps = await rows().evaluateAll((found) =>
      found.flatMap((row) => {
        const within = row.getBoundingClientRect();
        // What is drawn in a cell, not the cell: a badge may be wider than its column.
        const drawn = [...row.children].flatMap((cell) => {
          const own = cell.getBoundingClientRect();
          const clips = cell.matches(".cell-session, .cell-agent");
          return [...cell.querySelectorAll("*:not(.unseen, .hint, svg *)")]
            .map((element) => element.getBoundingClientRect())
            .filter(({ width, height }) => width > 1 && height > 1)
            .map(({ left, right, top, bottom }) => ({
              name: cell.className,
              left,
              right: clips ? Math.min(right, own.right) : right,
              top,
              bottom,
            }));
        });
        const outside = drawn.filter(
          ({ right, bottom, top }) =>
            right > within.right || bottom > within.bottom + 1 || top < within.top - 1,
        );
        const across = drawn.flatMap((one, n) =>
          drawn
            .slice(n + 1)
            .filter(
              (other) =>
                one.name !== other.name &&
                one.left < other.right - 1 &&
                other.left < one.right - 1 &&
                one.top < other.bottom - 1 &&
                other.top < one.bottom - 1,
            )
            .map((other) => `${one.name} × ${other.name}`),
        );
        return [...outside.map(({ name }) => `${name} outside`), ...across];
      }),
    );
    expect([...new Set(overlaps)]).toEqual([]);
    expect(await rows().count()).toBeLessThan(FEW);
    if (viewport.width === 3_840) {
      expect((await grid().boundingBox())?.width).toBeGreaterThan(2_500);
      expect(await rowOf(idOf(0)).getByTestId("session-id").innerText()).toBe(idOf(0));
    }
  });

  it("are without a fault that axe finds, with a hint shown and a notice above", async () => {
    await openMany();
    await rows().first().focus();
    listed = [made(-1), ...listed];
    await page.getByTestId("new-sessions").waitFor();
    await rowOf(idOf(2)).getByTestId("play-button").focus();
    await rowOf(idOf(2)).getByTestId("friction-rage").waitFor();
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
    const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
      `axe.run(".session-list").then(({ violations }) => violations)`,
    );
    expect(found.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
  });
});
