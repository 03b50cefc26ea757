// The filters of the dashboard, its totals and its chart, against what the query API says to the same questions.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { root } from "./paths";
import { startStack, type Stack } from "./stack";
import { send, type Visit } from "./visits";
import { until } from "./waiting";

const HOUR = 3_600_000;
/** A zone whose hours are nobody else's. Chromium still calls it by its old name. */
const ZONE = "Asia/Kolkata";
const ZONE_SHOWN = /Asia\/(Kolkata|Calcutta) \(GMT\+5:30\)/;
const COUNTRY_HEADER = "x-country";
const LONG_GAP_MS = 3_600_000;

const CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
const SAFARI =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 " +
  "Mobile/15E148 Safari/604.1";

const SHOP = "https://shop.example";
const now = Date.now();
const VISITS: Visit[] = [
  {
    visitor: "ann",
    at: now - 50 * HOUR,
    userAgent: CHROME,
    country: "NL",
    pages: [`${SHOP}/`, `${SHOP}/checkout`],
    lastsMs: 60_000,
    rageClick: true,
  },
  {
    visitor: "bob",
    at: now - 30 * HOUR,
    userAgent: FIREFOX,
    country: "AT",
    pages: [`${SHOP}/`],
    lastsMs: 20_000,
    error: true,
  },
  {
    visitor: "cid",
    at: now - 20 * HOUR,
    userAgent: SAFARI,
    country: "IN",
    pages: [`${SHOP}/tea`],
    lastsMs: 9_000,
    deadClick: true,
  },
  {
    visitor: "dora",
    at: now - 5 * HOUR,
    userAgent: CHROME,
    country: "NL",
    pages: [`${SHOP}/tea`],
    lastsMs: 1_000,
    picture: false,
  },
  {
    visitor: "ann",
    at: now - 60_000,
    userAgent: CHROME,
    country: "NL",
    pages: [`${SHOP}/`, `${SHOP}/a`, `${SHOP}/b`],
    lastsMs: 30_000,
    stays: true,
  },
];

interface ListedSession {
  session_id: string;
  status: string;
}
interface Totals {
  total: number;
  active: number;
  completed: number;
  events: number;
  activity: { buckets: { starts_at: number; ends_at: number; sessions: number }[] };
}

let stack: Stack;
let browser: Browser;
let page: Page;
const ends: (() => Promise<void>)[] = [];
/** What came before any replay was opened: scripts and styles, compressed. */
const loaded = new Map<string, number>();

beforeAll(async () => {
  process.env.PLAYHEAD_COLLECTOR_COUNTRY_HEADER = COUNTRY_HEADER;
  stack = await startStack(LONG_GAP_MS);
  ends.push(() => stack.stop());
  for (const visit of VISITS) await send(stack.collectorUrl, stack.writeKey, visit, COUNTRY_HEADER);
  browser = await launchChromium();
  ends.push(() => browser.close());
  const context = await browser.newContext({
    viewport: { width: 1_280, height: 1_000 },
    timezoneId: ZONE,
    locale: "en-GB",
  });
  page = await context.newPage();
  const bodies: Promise<void>[] = [];
  page.on("response", (response) => {
    if (!/\.(js|css)$/.test(response.url())) return;
    bodies.push(response.body().then((body) => void loaded.set(response.url(), gzipSync(body).length)));
  });
  await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
  await page.getByRole("heading", { name: "Sessions" }).waitFor();
  await until(
    "all visits are listed, and those that ended are completed",
    async () => {
      const { sessions } = await listed("");
      return (
        sessions.length === VISITS.length && sessions.filter(({ status }) => status === "active").length === 1
      );
    },
    90_000,
  );
  await page.locator("[data-testid=activity-plot] canvas").waitFor();
  await Promise.all(bodies);
  page.removeAllListeners("response");
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

async function ask<Answer>(path: string, query: string): Promise<Answer> {
  const address = `${stack.dashboardUrl}/v1/connections/${stack.connection}/${path}?${query}`;
  const answer = await page.request.get(address);
  expect(answer.status(), await answer.text()).toBe(200);
  return (await answer.json()) as Answer;
}
const listed = (query: string) => ask<{ sessions: ListedSession[] }>("sessions", query);
const totals = (query: string) => ask<Totals>("sessions/stats", query);
const rows = (): Promise<string[]> =>
  page
    .getByTestId("session-row")
    .evaluateAll((found) => found.map((row) => row.getAttribute("data-session-id") ?? ""));
const shownTotals = async (): Promise<string[]> =>
  Promise.all(
    ["total", "active", "completed", "events"].map(
      async (name) => (await page.getByTestId(`tile-${name}`).textContent()) ?? "",
    ),
  );
const search = () => new URL(page.url()).searchParams;

/** The page shows what the API answers to the question; gives how many sessions that are. */
async function showsWhatTheApiSays(query: string): Promise<number> {
  const { sessions } = await listed(query);
  const { total, active, completed, events } = await totals(query.replace(/&?(sort|direction)=\w+/g, ""));
  const figures = [total, active, completed, events].map((figure) => figure.toLocaleString("en"));
  let seen: unknown;
  await until(
    `list and totals of ${query}`,
    async () => {
      seen = { rows: await rows(), totals: await shownTotals() };
      const wanted = { rows: sessions.map(({ session_id }) => session_id), totals: figures };
      return JSON.stringify(seen) === JSON.stringify(wanted);
    },
    20_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}; seen: ${JSON.stringify(seen)}`);
  });
  return sessions.length;
}

async function allSessions(): Promise<void> {
  const clear = page.getByTestId("clear-filters");
  if (await clear.isVisible()) await clear.click();
  await showsWhatTheApiSays("");
}
async function enter(testId: string, text: string): Promise<void> {
  const field = page.getByTestId(testId);
  if (!(await field.isVisible())) await page.getByTestId("more-filters").click();
  await field.fill(text);
  await field.press("Enter");
}
/** @param act the option to choose, or "check" for a box */
async function inMore(testId: string, act: string): Promise<void> {
  if (!(await page.getByTestId(testId).isVisible())) await page.getByTestId("more-filters").click();
  if (act === "check") await page.getByTestId(testId).check();
  else await page.getByTestId(testId).selectOption(act);
}

describe("a filter", () => {
  const filters: [string, () => Promise<unknown>, string, number][] = [
    ["active ones", () => page.getByTestId("status-filter").getByLabel("Active").check(), "status=active", 1],
    ["a page", () => enter("filter-url", "/CHECKOUT"), "url=/checkout", 1],
    ["a browser", () => enter("filter-browser", "Firefox"), "browser=Firefox", 1],
    [
      "one of two browsers",
      async () => {
        await enter("filter-browser", "firefox");
        await enter("filter-browser", "Mobile Safari");
      },
      "browser=Firefox&browser=Mobile%20Safari",
      2,
    ],
    ["an operating system", () => enter("filter-os", "iOS"), "os=iOS", 1],
    ["a country", () => enter("filter-country", "netherlands"), "country=NL", 3],
    ["a visitor", () => enter("filter-visitor", "ann"), "visitor=ann", 2],
    ["a least duration", () => enter("filter-min-duration", "20 s"), "min_duration=20000", 3],
    ["a least number of events", () => enter("filter-min-events", "7"), "min_events=7", 3],
    ["what can be played", () => inMore("filter-replayable", "true"), "replayable=true", 4],
    ["what cannot be played", () => inMore("filter-replayable", "false"), "replayable=false", 1],
    ["rage clicks", () => inMore("filter-has-rage_click", "check"), "has=rage_click", 1],
    ["dead clicks", () => inMore("filter-has-dead_click", "check"), "has=dead_click", 1],
    ["errors", () => inMore("filter-has-error", "check"), "has=error", 1],
    [
      "all of several",
      async () => {
        await enter("filter-country", "NL");
        await enter("filter-min-duration", "30");
        await inMore("filter-replayable", "true");
      },
      "country=NL&min_duration=30000&replayable=true",
      2,
    ],
  ];

  it.each(filters)("for %s changes list and totals as the API says", async (_, act, query, many) => {
    await allSessions();
    await act();
    expect(await showsWhatTheApiSays(query)).toBe(many);
    expect(await page.getByTestId("filters-in-use").getByRole("listitem").count()).toBe(
      new URLSearchParams(query).size,
    );
  });

  it("stays when the page is loaded again, and is in its link", async () => {
    await allSessions();
    await enter("filter-country", "NL");
    await enter("filter-min-duration", "30");
    await inMore("filter-replayable", "true");
    await page.getByTestId("sort").selectOption("events asc");
    const query = "country=NL&min_duration=30000&replayable=true&sort=events&direction=asc";
    expect(await showsWhatTheApiSays(query)).toBe(2);
    const link = page.url();
    await page.reload();
    expect(await showsWhatTheApiSays(query)).toBe(2);
    await page.goto("about:blank");
    await page.goto(link);
    expect(await showsWhatTheApiSays(query)).toBe(2);
    expect(await page.getByTestId("filters-in-use").getByRole("listitem").allTextContents()).toEqual([
      "Country: Netherlands (NL)",
      "At least 30 s",
      "Can be played",
    ]);
    expect(await page.getByTestId("sort").inputValue()).toBe("events asc");
    await page.getByTestId("sort").selectOption("started_at desc");
  });

  it("for the last day is one up to now", async () => {
    await allSessions();
    await page.getByTestId("filter-time").selectOption("24h");
    expect(await showsWhatTheApiSays(`from=${now - 24 * HOUR}`)).toBe(3);
    expect(search().get("last")).toBe("24h");
  });

  it("for exact times is in the reader's time zone", async () => {
    await allSessions();
    await page.getByTestId("filter-time").selectOption("exact");
    expect(await page.getByTestId("time-zone").textContent()).toMatch(ZONE_SHOWN);
    // Half an hour around bob, on a clock in India. A field leaves out seconds that are none.
    const from = Math.floor((now - 30 * HOUR) / 60_000) * 60_000 - 15 * 60_000 + 7_000;
    const to = from + HOUR / 2;
    const there = (at: number) => new Date(at + 5.5 * HOUR).toISOString().slice(0, 19);
    await page.getByTestId("filter-from").fill(there(from));
    await page.getByTestId("filter-to").fill(there(to));
    await page.getByTestId("apply-times").click();
    expect(await showsWhatTheApiSays(`from=${from}&to=${to}`)).toBe(1);
    expect([search().get("from"), search().get("to")]).toEqual([String(from), String(to)]);
  });

  it("keeps every order", async () => {
    await allSessions();
    await enter("filter-country", "NL");
    const orders = ["started_at asc", "duration desc", "duration asc", "events desc", "events asc"];
    for (const order of [...orders, "started_at desc"]) {
      const [sort, direction] = order.split(" ");
      await page.getByTestId("sort").selectOption(order);
      expect(await showsWhatTheApiSays(`country=NL&sort=${sort}&direction=${direction}`)).toBe(3);
    }
  });

  it("that leaves nothing says so, and is cleared", async () => {
    await allSessions();
    await enter("filter-url", "/nowhere");
    await page.getByTestId("no-sessions").getByText("No session is as asked for").waitFor();
    expect(await showsWhatTheApiSays("url=/nowhere")).toBe(0);
    await page.getByTestId("no-sessions").getByRole("button").click();
    expect(await showsWhatTheApiSays("")).toBe(VISITS.length);
    expect(search().has("url")).toBe(false);
  });
});

describe("the address", () => {
  it("is gone back through, filter by filter, and forward again", async () => {
    await allSessions();
    await enter("filter-country", "NL");
    await showsWhatTheApiSays("country=NL");
    await enter("filter-visitor", "ann");
    await showsWhatTheApiSays("country=NL&visitor=ann");
    await page.goBack();
    expect(await showsWhatTheApiSays("country=NL")).toBe(3);
    await page.goBack();
    expect(await showsWhatTheApiSays("")).toBe(VISITS.length);
    await page.goForward();
    expect(await showsWhatTheApiSays("country=NL")).toBe(3);
  });

  it("leads back to the filtered list from a replay", async () => {
    await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}&visitor=bob`);
    await page.getByTestId("session-row").click();
    await page.getByTestId("replay").waitFor();
    await page.goBack();
    await page.getByTestId("replay").waitFor({ state: "detached" });
    expect(await showsWhatTheApiSays("visitor=bob")).toBe(1);
  });

  it("says what of it is not understood, and shows the rest", async () => {
    await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}&visitor=ann&min_events=many&os=`);
    await page.getByTestId("ignored").waitFor();
    expect(await page.getByTestId("ignored").getByRole("listitem").allTextContents()).toEqual([
      "min_events=many: it has to be a whole number",
    ]);
    expect(await showsWhatTheApiSays("visitor=ann")).toBe(2);
    await page.getByTestId("ignored").getByRole("button").click();
    await page.getByTestId("ignored").waitFor({ state: "detached" });
    expect([...search().keys()]).toEqual(["connection", "visitor"]);
  });
});

describe("the chart", () => {
  /** Where the sessions are drawn. */
  const plot = async () => {
    const box = await page.locator("[data-testid=activity-plot] .u-over").boundingBox();
    if (box === null) throw new Error("The chart is not shown.");
    return box;
  };

  it("has the API's buckets as text, by the clock of the reader's time zone", async () => {
    const query = `from=${now - 3 * 24 * HOUR}&to=${now - HOUR}`;
    await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}&${query}`);
    await showsWhatTheApiSays(query);
    const { buckets } = (await totals(`${query}&time_zone=${ZONE}`)).activity;
    await page.getByTestId("activity-as-table").click();
    const rows = page.getByTestId("activity").locator("tbody tr");
    // They are drawn once it is open.
    await rows.last().waitFor();
    const cells = await rows.evaluateAll((found) =>
      found.map((row) => [...row.children].slice(0, 2).map((cell) => cell.textContent)),
    );
    const clock = (at: number) => new Date(at + 5.5 * HOUR).toISOString().slice(11, 16);
    expect(cells.map(([when, sessions]) => [when?.slice(-13), sessions])).toEqual(
      buckets.map(({ starts_at, ends_at, sessions }) => [
        `${clock(starts_at)} – ${clock(ends_at)}`,
        String(sessions),
      ]),
    );
    expect(await page.getByTestId("activity-note").textContent()).toMatch(ZONE_SHOWN);
    expect(await page.getByTestId("activity-summary").textContent()).toContain("4 sessions started");
  });

  it("is dragged over, and that time is shown, also after a reload", async () => {
    const shown = `from=${now - 3 * 24 * HOUR}&to=${now - HOUR}`;
    await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}&${shown}`);
    await showsWhatTheApiSays(shown);
    await page.locator("[data-testid=activity-plot] canvas").waitFor();
    const { buckets } = (await totals(`${shown}&time_zone=${ZONE}`)).activity;
    const { x, y, width, height } = await plot();
    // From within one bucket to within another, from right to left.
    const [first, last] = [0.35, 0.78].map((part) => Math.floor(part * buckets.length));
    const placeOf = (index = 0) => x + ((index + 0.5) / buckets.length) * width;
    await page.mouse.move(placeOf(last), y + height / 2);
    await page.mouse.down();
    await page.mouse.move(placeOf(first) + 20, y + height / 2, { steps: 4 });
    await page.mouse.move(placeOf(first), y + height / 2);
    await page.mouse.up();

    const from = buckets[first ?? 0]?.starts_at;
    const to = buckets[last ?? 0]?.ends_at;
    await until("the time is in the address", () => search().get("from") === String(from));
    expect(search().get("to")).toBe(String(to));
    expect(await showsWhatTheApiSays(`from=${from}&to=${to}`)).toBe(2);
    await page.reload();
    expect(await showsWhatTheApiSays(`from=${from}&to=${to}`)).toBe(2);
    await page.goBack();
    expect(await showsWhatTheApiSays(shown)).toBe(4);
  });
});

describe("with the keyboard alone", () => {
  const focused = () =>
    page.evaluate(
      () => document.activeElement?.getAttribute("data-testid") ?? document.activeElement?.tagName,
    );
  /** Tab after tab, until the focus is there. */
  const tabTo = async (testId: string) => {
    for (let presses = 0; presses < 60; presses += 1) {
      if ((await focused()) === testId) return;
      await page.keyboard.press("Tab");
    }
    throw new Error(`Tab does not lead to ${testId}; it led to ${await focused()}.`);
  };

  it("a connection is found and chosen", async () => {
    await allSessions();
    await page.reload();
    await showsWhatTheApiSays("");
    await tabTo("connection-picker");
    await page.keyboard.type("demo");
    const options = page.getByTestId("connection-option");
    await until("the list is open", async () => (await options.count()) > 0);
    expect(await page.getByTestId("connection-picker").getAttribute("aria-expanded")).toBe("true");
    await page.keyboard.press("Enter");
    await until("another one is shown", () => search().get("connection") !== stack.connection);
    await page.getByTestId("no-sessions").waitFor();
    expect(await focused()).toBe("connection-picker");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.type("lantern");
    await page.keyboard.press("Enter");
    await until("it is the first again", () => search().get("connection") === stack.connection);
    expect(await showsWhatTheApiSays("")).toBe(VISITS.length);
  });

  it("filters are set and cleared, a stretch of time is shown, and a session is opened", async () => {
    const shown = `from=${now - 3 * 24 * HOUR}&to=${now - HOUR}`;
    await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}&${shown}`);
    await showsWhatTheApiSays(shown);
    const { buckets } = (await totals(`${shown}&time_zone=${ZONE}`)).activity;

    await tabTo("stretch-first");
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowRight");
    await tabTo("stretch-last");
    for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowLeft");
    expect(search().get("from")).toBe(String(now - 3 * 24 * HOUR));
    const mark = await page.locator("[data-testid=activity-plot] .u-select").boundingBox();
    expect(mark?.width).toBeGreaterThan(100);
    await page.keyboard.press("Enter");
    const [from, to] = [buckets[5]?.starts_at, buckets.at(-4)?.ends_at];
    await until("the time is in the address", () => search().get("from") === String(from));
    expect(search().get("to")).toBe(String(to));
    expect(await showsWhatTheApiSays(`from=${from}&to=${to}`)).toBeGreaterThan(1);

    await page.getByRole("heading", { name: "Sessions" }).evaluate((heading) => {
      // From the beginning of the page, as after a click on its ground.
      heading.tabIndex = -1;
      heading.focus();
    });
    await tabTo("filter-url");
    await page.keyboard.type("/checkout");
    await page.keyboard.press("Enter");
    expect(await showsWhatTheApiSays(`from=${from}&to=${to}&url=/checkout`)).toBeLessThan(2);
    await tabTo("clear-filters");
    await page.keyboard.press("Enter");
    expect(await showsWhatTheApiSays("")).toBe(VISITS.length);

    await tabTo("session-row");
    await page.keyboard.press("Enter");
    await page.getByTestId("replay").waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/sessions\//);
  });
});

it("is without a finding of axe, with everything open", async () => {
  await page.goto(
    `${stack.dashboardUrl}/?connection=${stack.connection}&country=NL&has=error&min_events=many&sort=events`,
  );
  await page.getByTestId("ignored").waitFor();
  await page.locator("[data-testid=activity-plot] canvas").waitFor();
  await page.getByTestId("filter-time").selectOption("exact");
  await page.getByTestId("activity-as-table").click();
  await page.getByTestId("connection-picker").click();
  await page.evaluate(await readFile(root("node_modules/axe-core/axe.min.js"), "utf8"));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const findings = await page.evaluate<string[]>(
      `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(
        ({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" | ")),
      )`,
    );
    expect(findings, colorScheme).toEqual([]);
  }
});

it("has loaded no more than 200 KB before a replay was opened", () => {
  const sum = [...loaded.values()].reduce((total, bytes) => total + bytes, 0);
  expect([...loaded.keys()].some((url) => url.includes("Replay"))).toBe(false);
  expect(loaded.size).toBeGreaterThan(2);
  expect(sum).toBeLessThanOrEqual(200_000);
});
