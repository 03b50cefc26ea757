// What surrounds the player: panel, marks, jump list, share links, the sessions beside this one, and screens of any size.
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { click, consoleError, custom, headingSays, input, page as aPage, send } from "./madeVisits";
import { startStack, type Stack } from "./stack";
import { Stored } from "./stored";
import { until } from "./waiting";

const GAP_MS = 30_000;
const VIEWPORT = { width: 1_280, height: 800 };
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const SHOP = "https://lantern-tea.example";

let stack: Stack;
let browser: Browser;
let context: BrowserContext;
let dashboard: Page;
let readersToken: string;
/** Position 0 of the visit's first window. */
let t0: number;
/** Sessions by their visitor, and of Ada the earlier one. */
const sessions = { visit: "", earlier: "", long: "" };

const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  ends.push(() => stack.stop());
  browser = await launchChromium();
  ends.push(() => browser.close());
  readersToken = await stack.addToken("a reader", "reader");

  t0 = Date.now() - 5 * 60_000;
  const early = t0 - 60 * 60_000;
  await send(
    stack,
    "ada",
    [{ window: "w0", batches: { 0: aPage(early, `${SHOP}/earlier`, "Earlier") } }],
    USER_AGENT,
  );
  await send(
    stack,
    "ada",
    [
      {
        window: "w1",
        batches: {
          0: [
            ...aPage(t0, `${SHOP}/`, "Teas"),
            click(t0 + 2_000),
            headingSays(t0 + 2_050, "Teas, sorted"),
            input(t0 + 4_000, "oolong"),
            custom(t0 + 6_000, "chat", { text: "When do you post?" }),
            consoleError(t0 + 8_000, "basket is undefined"),
            click(t0 + 9_000),
            click(t0 + 9_200),
            click(t0 + 9_400),
            headingSays(t0 + 9_450, "Teas, sorted again"),
          ],
          // Nothing for 15 seconds, and then another page.
          1: [
            ...aPage(t0 + 24_400, `${SHOP}/basket`, "Basket"),
            click(t0 + 26_000),
            custom(t0 + 30_000, "done", null),
          ],
        },
      },
      {
        window: "w2",
        batches: {
          0: aPage(t0 + 12_000, `${SHOP}/terms`, "Terms"),
          3: [click(t0 + 14_000), headingSays(t0 + 14_050, "Terms, read"), custom(t0 + 20_000, "read", null)],
        },
      },
    ],
    USER_AGENT,
  );
  await send(
    stack,
    "bert",
    [
      {
        window: "w1",
        batches: {
          0: [
            ...aPage(t0 - 10 * 60_000, `${SHOP}/long`, "Long"),
            ...Array.from({ length: 600 }, (_, n) =>
              custom(t0 - 10 * 60_000 + (n + 1) * 100, `step ${n}`, null),
            ),
          ],
        },
      },
    ],
    USER_AGENT,
  );
  const stored = new Stored(stack);
  await until("the visits are stored", async () => {
    const [visit, earlier] = await stored.sessionsOf("ada");
    const [long] = await stored.sessionsOf("bert");
    sessions.visit = visit?.session_id ?? "";
    sessions.earlier = earlier?.session_id ?? "";
    sessions.long = long?.session_id ?? "";
    return earlier !== undefined && visit?.events === 20 && long?.events === 602;
  });

  context = await browser.newContext({
    viewport: VIEWPORT,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  dashboard = await context.newPage();
  await dashboard.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
  await until("they are listed", async () => (await rows()).length === 3);
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const rows = (): Promise<string[]> =>
  dashboard
    .getByTestId("session-row")
    .evaluateAll((found) => found.map((row) => row.getAttribute("data-session-id") ?? ""));

const replayOf = (page: Page) => page.getByTestId("replay");
const numberOf = async (element: Locator, name: string) => Number(await element.getAttribute(name));
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

/** Opens a session's replay by its address, and has it stand still. */
async function open(page: Page, session: string, rest = ""): Promise<void> {
  await page.goto(`${stack.dashboardUrl}/sessions/${session}?connection=${stack.connection}${rest}`);
  await playable(page);
  const play = page.getByTestId("replay-play");
  if ((await play.getAttribute("aria-label")) === "Pause") await play.click();
}

async function playable(page: Page): Promise<void> {
  await until("it can be played", () => page.getByTestId("replay-play").isEnabled());
}

const shownAt = (page: Page) => numberOf(page.getByTestId("current-time"), "data-at-ms");
const headingOf = (page: Page) =>
  page.evaluate(
    () => document.querySelector("iframe")?.contentDocument?.querySelector("h1")?.textContent ?? null,
  );

describe("the panel", () => {
  beforeEach(() => open(dashboard, sessions.visit));

  it("tells what is known of the session", async () => {
    const panel = dashboard.getByTestId("info-panel");
    const text = async (id: string) => (await panel.getByTestId(`info-${id}`).textContent()) ?? "";
    expect(await text("session-id")).toBe(sessions.visit);
    expect(await text("landing-url")).toBe(`${SHOP}/`);
    expect(await text("started")).toMatch(/\d{4}, [\d:]{8}.*\d+ (minute|hour)s? ago$/);
    expect(await text("duration")).toBe("30 s");
    expect(await text("status")).toMatch(/^(Active|Completed)/);
    expect(await text("events")).toMatch(/^20in 4 batches/);
    expect(await text("size")).toMatch(/bytes as recorded/);
    expect(await text("user-agent")).toContain(USER_AGENT);
    expect(await text("user-agent")).toMatch(/^Chrome · Linux/);
    expect(await text("country")).toBe("Unknown");
    expect(await text("visitor")).toContain("ada");
    const windows = panel.getByTestId("info-window");
    expect(await windows.count()).toBe(2);
    expect(await windows.nth(0).textContent()).not.toContain("missing");
    expect(await windows.nth(1).textContent()).toContain("2 batches are missing: 1–2");
  });

  it("copies the session's id", async () => {
    const panel = dashboard.getByTestId("info-panel");
    await panel.getByRole("button", { name: "Copy session id" }).click();
    await dashboard.getByRole("button", { name: "Copied" }).waitFor();
    expect(await clipboard(dashboard)).toBe(sessions.visit);
  });

  it("links to the visitor's other sessions, and they open in its place", async () => {
    const other = dashboard.getByTestId("other-session");
    await other.waitFor();
    expect(await other.getAttribute("data-other-session")).toBe(sessions.earlier);
    await other.click();
    await until("it is open", async () => (await headingOf(dashboard)) === "Earlier");
    expect(new URL(dashboard.url()).pathname).toBe(`/sessions/${sessions.earlier}`);
  });

  it("has the session as a file in each form", async () => {
    for (const form of ["json", "ndjson", "html"]) {
      const href = await dashboard.getByTestId(`download-${form}`).getAttribute("href");
      expect(href).toBe(`/v1/sessions/${sessions.visit}/export?form=${form}&window=w1`);
    }
    const answer = await dashboard.request.get(
      `${stack.dashboardUrl}${await dashboard.getByTestId("download-json").getAttribute("href")}`,
    );
    expect([answer.status(), ((await answer.json()) as unknown[]).length]).toEqual([200, 15]);
  });
});

describe("the timeline", () => {
  beforeEach(() => open(dashboard, sessions.visit));

  it("has marks where something happened, of the shown window, and its idle stretches", async () => {
    await dashboard.getByTestId("marker").first().waitFor();
    const marks = await dashboard.getByTestId("marker").evaluateAll((found) =>
      found.map((mark) => ({
        kind: mark.getAttribute("data-kind"),
        at: Number(mark.getAttribute("data-at-ms")),
        middle: mark.getBoundingClientRect().left + mark.getBoundingClientRect().width / 2,
      })),
    );
    expect(marks.map(({ kind, at }) => [kind, at - t0])).toEqual([
      ["page_view", 0],
      ["click", 2_000],
      ["input", 4_000],
      ["custom", 6_000],
      ["error", 8_000],
      ["rage_click", 9_000],
      ["click", 9_200],
      ["click", 9_400],
      ["page_view", 24_400],
      ["dead_click", 26_000],
      ["custom", 30_000],
    ]);
    // The thumb, put at a mark's moment, has its middle under the mark.
    const box = await boxOf(dashboard.getByTestId("scrubber"));
    const total = await numberOf(dashboard.getByTestId("scrubber"), "max");
    expect(total).toBe(30_000);
    for (const { at, middle } of marks) {
      expect(Math.abs(middle - (box.x + 8 + ((at - t0) / total) * (box.width - 16)))).toBeLessThan(1);
    }
    const idle = await boxOf(dashboard.getByTestId("idle").first());
    expect(await dashboard.getByTestId("idle").count()).toBe(1);
    // Ada clicked in the other window at 14 s; behind that she did nothing for 12 s.
    expect(Math.abs(idle.x - (box.x + 8 + (14 / 30) * (box.width - 16)))).toBeLessThan(1);
    expect(Math.abs(idle.width - (12 / 30) * (box.width - 16))).toBeLessThan(1);
  });

  it("says the time under the pointer, and what happened there", async () => {
    const mark = await boxOf(dashboard.locator("[data-testid=marker][data-kind=error]"));
    await dashboard.mouse.move(mark.x + mark.width / 2 + 1, mark.y + 20);
    const hint = dashboard.getByTestId("hint");
    expect(await hint.textContent()).toBe("0:08 · Error");
    const scrubber = await boxOf(dashboard.getByTestId("scrubber"));
    await dashboard.mouse.move(scrubber.x + scrubber.width / 2, scrubber.y + 10);
    await until("the time there is said", async () => (await hint.textContent()) === "0:15");
    await dashboard.mouse.move(600, 300);
    await until("it is gone", async () => (await hint.count()) === 0);
    // A click lands where the hint said.
    await dashboard.mouse.click(mark.x + mark.width / 2, scrubber.y + 14);
    await until("it is there", async () => Math.abs((await shownAt(dashboard)) - t0 - 8_000) < 60);
  });

  it("says the time to who comes by keyboard", async () => {
    await dashboard.keyboard.press("Home");
    for (let tries = 0; tries < 30; tries += 1) {
      if (await dashboard.getByTestId("scrubber").evaluate((element) => element === document.activeElement))
        break;
      await dashboard.keyboard.press("Tab");
    }
    await dashboard.keyboard.press("ArrowRight");
    await until(
      "the hint says so",
      async () => (await dashboard.getByTestId("hint").textContent()) === "0:05",
    );
  });
});

describe("the jump list", () => {
  beforeEach(async () => {
    await open(dashboard, sessions.visit);
    await dashboard.getByTestId("side-jump").click();
    await dashboard.getByTestId("jump-entry").first().waitFor();
  });

  const entries = () =>
    dashboard
      .getByTestId("jump-entry")
      .evaluateAll((found) => found.map((entry) => entry.getAttribute("data-kind")));

  it("lists what happened in all windows, and can be cut to what is looked for", async () => {
    expect(await entries()).toEqual([
      ...["page_view", "click", "custom", "error", "click", "rage_click", "click", "click"],
      ...["page_view", "click", "custom", "page_view", "click", "dead_click", "custom"],
    ]);
    await dashboard.getByTestId("jump-friction").click();
    expect(await entries()).toEqual(["rage_click", "dead_click"]);
    await dashboard.getByTestId("jump-error").click();
    expect(await entries()).toEqual(["error", "rage_click", "dead_click"]);
    await dashboard.getByTestId("jump-words").fill("basket");
    expect(await entries()).toEqual(["error"]);
    await dashboard.getByTestId("jump-error").click();
    await dashboard.getByTestId("jump-empty").waitFor();
  });

  it("shows the moment that is clicked, and marks where the replay is", async () => {
    await dashboard.locator("[data-testid=jump-entry][data-kind=error]").click();
    await until("it is there", async () => (await shownAt(dashboard)) === t0 + 8_000);
    expect(await headingOf(dashboard)).toBe("Teas, sorted");
    const current = dashboard.locator("[data-testid=jump-entry][aria-current]");
    await until("it is marked", async () => (await current.getAttribute("data-kind")) === "error");
    await dashboard.getByTestId("scrubber").fill("3000");
    await until("the mark follows", async () => (await numberOf(current, "data-at-ms")) === t0 + 2_000);
  });

  it("opens the window in which it was", async () => {
    await dashboard.locator("[data-testid=jump-entry][data-window-id=w2][data-kind=click]").click();
    await playable(dashboard);
    await until("it is there", async () => (await shownAt(dashboard)) === t0 + 14_000);
    expect(await headingOf(dashboard)).toBe("Terms");
    const tabs = dashboard.getByTestId("window-tab");
    expect(await tabs.evaluateAll((all) => all.map((tab) => tab.getAttribute("data-window-id")))).toEqual([
      "w1",
      "w2",
    ]);
    expect(await tabs.nth(1).getAttribute("aria-selected")).toBe("true");
    // And back: the list has stayed.
    await dashboard.locator("[data-testid=jump-entry][data-kind=rage_click]").click();
    await playable(dashboard);
    await until("it is back", async () => (await shownAt(dashboard)) === t0 + 9_000);
  });

  it("is walked through with the arrows, and Enter shows the moment", async () => {
    await dashboard.getByTestId("jump-list").focus();
    await dashboard.keyboard.press("Home");
    await dashboard.keyboard.press("ArrowDown");
    await dashboard.keyboard.press("ArrowDown");
    await dashboard.keyboard.press("Enter");
    await until("it is there", async () => (await shownAt(dashboard)) === t0 + 6_000);
    expect(await dashboard.getByTestId("jump-list").getAttribute("aria-activedescendant")).toBe("jump-2");
  });

  it("draws of a long list what is seen, and goes along with the replay", async () => {
    await open(dashboard, sessions.long);
    await dashboard.getByTestId("side-jump").click();
    const all = dashboard.getByTestId("jump-entry");
    await all.first().waitFor();
    expect(await all.first().getAttribute("aria-setsize")).toBe("601");
    expect(await all.count()).toBeLessThan(60);
    await dashboard.getByTestId("scrubber").fill("50000");
    await until("it has come along", async () =>
      (await dashboard.locator("[data-testid=jump-entry][aria-current]").textContent())?.includes("step 499"),
    );
    await dashboard.getByTestId("jump-list").focus();
    await dashboard.keyboard.press("End");
    await until("its end is seen", async () =>
      ((await all.allTextContents()).at(-1) ?? "").includes("step 599"),
    );
    expect(await all.count()).toBeLessThan(60);
  });
});

describe("sharing at this time", () => {
  it("makes a link that opens that moment to anybody, until it is revoked", async () => {
    await open(dashboard, sessions.visit, `&window=w2&at=${t0 + 13_000}`);
    await dashboard.getByTestId("share-open").click();
    const dialog = dashboard.getByTestId("share-dialog");
    await dialog.getByTestId("share-make").click();
    const link = await dialog.getByTestId("share-link").inputValue();
    expect(await clipboard(dashboard)).toBe(link);
    expect(new URL(link).searchParams.get("at")).toBe(String(t0 + 13_000));
    expect(await dialog.getByTestId("share-expiry").textContent()).toMatch(/Copied\. It opens until .*\d{4}/);

    const stranger = await browser.newContext({ viewport: VIEWPORT });
    try {
      const page = await stranger.newPage();
      await page.goto(link);
      await playable(page);
      await until("it is there", async () => (await shownAt(page)) === t0 + 13_000);
      expect(await headingOf(page)).toBe("Terms");
      expect(await stranger.cookies()).toEqual([]);
      for (const id of ["share-open", "close-replay", "next-session", "other-session", "download-json"]) {
        expect(await page.getByTestId(id).count(), id).toBe(0);
      }
      await page.getByTestId("side-jump").click();
      await page.getByTestId("jump-entry").first().waitFor();

      expect(await dialog.getByTestId("share").count()).toBe(1);
      await dialog.getByTestId("share-revoke").click();
      await until("it is gone", async () => (await dialog.getByTestId("share").count()) === 0);
      await page.reload();
      expect(await page.getByTestId("problem").textContent()).toMatch(/token/);
      expect(await page.getByTestId("replay-play").count()).toBe(0);
    } finally {
      await stranger.close();
    }
  });

  it("tells a reader why they cannot, and gives them the address for colleagues", async () => {
    const readers = await browser.newContext({ viewport: VIEWPORT });
    try {
      const page = await readers.newPage();
      await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${readersToken}`);
      await page.getByTestId("session-row").first().waitFor();
      await open(page, sessions.visit, `&at=${t0 + 7_000}`);
      await page.keyboard.press("s");
      const dialog = page.getByTestId("share-dialog");
      expect(await dialog.getByTestId("share-why-not").textContent()).toMatch(/admin.*a reader is a reader/s);
      expect(await dialog.getByTestId("share-make").count()).toBe(0);
      const address = new URL(await dialog.getByTestId("colleague-link").inputValue());
      expect([address.pathname, address.searchParams.get("at"), address.hash]).toEqual([
        `/sessions/${sessions.visit}`,
        String(t0 + 7_000),
        "",
      ]);
      await page.goto(address.href);
      await playable(page);
      await until("it is there", async () => (await shownAt(page)) === t0 + 7_000);
    } finally {
      await readers.close();
    }
  });
});

describe("the sessions beside this one", () => {
  const openSession = () => new URL(dashboard.url()).pathname.replace("/sessions/", "");

  it("are those of the list, by button and by key, and one step leads back to it", async () => {
    await dashboard.goto(`${stack.dashboardUrl}/?connection=${stack.connection}&status=completed`);
    const listed = await until("all are completed", async () => {
      const found = await rows();
      return found.length === 3 ? found : null;
    });
    expect(listed).toEqual([sessions.visit, sessions.long, sessions.earlier]);
    await dashboard.getByTestId("session-row").first().click();
    await playable(dashboard);
    const next = dashboard.getByTestId("next-session");
    const previous = dashboard.getByTestId("previous-session");
    expect(await previous.getAttribute("aria-disabled")).toBe("true");
    await next.click();
    await until("the next is open", () => openSession() === sessions.long);
    await until("it is drawn", async () => (await headingOf(dashboard)) === "Long");
    expect(await next.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(dashboard.url()).toContain("status=completed");
    await dashboard.keyboard.press("n");
    await until("the last is open", () => openSession() === sessions.earlier);
    await until("there is none behind it", async () => (await next.getAttribute("aria-disabled")) === "true");
    await dashboard.keyboard.press("n");
    await dashboard.keyboard.press("p");
    await until("it went back by one", () => openSession() === sessions.long);
    await dashboard.keyboard.press("Escape");
    await until("the list is back", async () => (await replayOf(dashboard).count()) === 0);
    expect(new URL(dashboard.url()).pathname).toBe("/");
    const focused = () => dashboard.evaluate(() => document.activeElement?.getAttribute("data-session-id"));
    await until("the focus is on the row of the last one", async () => (await focused()) === sessions.long);
  });
});

describe("the help", () => {
  beforeEach(() => open(dashboard, sessions.visit));

  it("opens by a key, keeps the focus, and closes alone", async () => {
    await dashboard.keyboard.press("?");
    const help = dashboard.getByTestId("help-dialog");
    await help.waitFor();
    for (let presses = 0; presses < 12; presses += 1) {
      await dashboard.keyboard.press(presses < 8 ? "Tab" : "Shift+Tab");
      // Behind the last element the focus is the browser's own, as in every modal dialog.
      const inside = await help.evaluate(
        (dialog) => dialog.contains(document.activeElement) || document.activeElement === document.body,
      );
      expect(inside).toBe(true);
    }
    const before = await shownAt(dashboard);
    await dashboard.keyboard.press("ArrowRight");
    expect(await shownAt(dashboard)).toBe(before);
    await dashboard.keyboard.press("Escape");
    await until("it is closed", async () => (await help.count()) === 0);
    expect(await replayOf(dashboard).count()).toBe(1);
  });

  it("turns letters off as shortcuts, for good", async () => {
    await dashboard.keyboard.press("?");
    await dashboard.getByTestId("character-keys").uncheck();
    await dashboard.keyboard.press("Escape");
    await dashboard.reload();
    await playable(dashboard);
    const path = new URL(dashboard.url()).pathname;
    await dashboard.keyboard.press("n");
    await dashboard.keyboard.press("?");
    expect(await dashboard.getByTestId("help-dialog").count()).toBe(0);
    expect(new URL(dashboard.url()).pathname).toBe(path);
    await dashboard.getByTestId("help-open").click();
    await dashboard.getByTestId("character-keys").check();
  });

  it("has the choice of colours, which is remembered", async () => {
    const scheme = () => dashboard.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    const surface = () =>
      dashboard.locator(".replay-top").evaluate((top) => getComputedStyle(top).backgroundColor);
    await dashboard.emulateMedia({ colorScheme: "light" });
    expect(await surface()).toBe("rgb(255, 255, 255)");
    await dashboard.getByTestId("help-open").click();
    await dashboard.getByTestId("help-dialog").getByTestId("colours").selectOption("dark");
    expect([await scheme(), await surface()]).toEqual(["dark", "rgb(24, 24, 31)"]);
    await dashboard.reload();
    await playable(dashboard);
    expect([await scheme(), await surface()]).toEqual(["dark", "rgb(24, 24, 31)"]);
    await dashboard.getByTestId("help-open").click();
    await dashboard.getByTestId("help-dialog").getByTestId("colours").selectOption("system");
    await dashboard.emulateMedia({ colorScheme: "dark" });
    expect(await surface()).toBe("rgb(24, 24, 31)");
    await dashboard.emulateMedia({ colorScheme: "light" });
    expect(await surface()).toBe("rgb(255, 255, 255)");
  });
});

describe("a screen of any size", () => {
  const SIZES = [
    { width: 360, height: 640 },
    { width: 640, height: 360 },
    { width: 768, height: 1_024 },
    { width: 1_280, height: 800 },
    { width: 1_920, height: 1_080 },
    { width: 3_840, height: 2_160 },
  ];

  /** How far the page can be moved by a wheel over the replay; the list behind it is longer than a low screen. */
  const scrolled = async () => {
    await dashboard.mouse.move(100, 100);
    await dashboard.mouse.wheel(0, 400);
    await dashboard.keyboard.press("ArrowDown");
    await dashboard.evaluate(() => new Promise(requestAnimationFrame));
    return dashboard.evaluate(() => [window.scrollX, window.scrollY]);
  };

  it.each(SIZES)("has room for the replay: $width × $height", async ({ width, height }) => {
    await dashboard.setViewportSize({ width, height });
    try {
      await open(dashboard, sessions.visit, `&at=${t0 + 7_000}`);
      await dashboard.locator("[data-testid=stage] iframe").waitFor();
      for (const side of ["details", "jump"]) {
        await dashboard.getByTestId(`side-${side}`).click();
        const seen = await dashboard.evaluate(() => {
          const boxOf = (element: Element) => {
            const { left, top, right, bottom } = element.getBoundingClientRect();
            return { name: element.className, left, top, right, bottom };
          };
          const all = (selector: string) => [...document.querySelectorAll(selector)].map(boxOf);
          return {
            parts: all(".replay-top, .stage, .window-replay-bar, .side"),
            presses: all(".replay-actions button, .controls button, .controls .choice label, .timeline"),
            page: all(".stage-page"),
          };
        });
        const inside = (box: Box, part: Box) =>
          box.left >= part.left - 0.5 &&
          box.top >= part.top - 0.5 &&
          box.right <= part.right + 0.5 &&
          box.bottom <= part.bottom + 0.5;
        const screen = { name: "screen", left: 0, top: 0, right: width, bottom: height };
        expect(await scrolled()).toEqual([0, 0]);
        expect(seen.parts).toHaveLength(4);
        expect(seen.parts.filter((part) => !inside(part, screen))).toEqual([]);
        expect(overlapping(seen.parts)).toEqual([]);
        expect(seen.presses.filter((press) => !inside(press, screen))).toEqual([]);
        expect(overlapping(seen.presses)).toEqual([]);
        // WCAG 2.5.8, and a page that one can see something of.
        expect(
          seen.presses.filter(({ left, top, right, bottom }) => right - left < 24 || bottom - top < 24),
        ).toEqual([]);
        const [stage] = seen.parts.filter(({ name }) => name === "stage");
        expect(seen.page.filter((box) => stage === undefined || !inside(box, stage))).toEqual([]);
        const [shown] = seen.page;
        expect((shown?.right ?? 0) - (shown?.left ?? 0)).toBeGreaterThan(Math.min(width, height) / 3);
      }
    } finally {
      await dashboard.setViewportSize(VIEWPORT);
    }
  });
});

interface Box {
  name: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

function overlapping(boxes: readonly Box[]): string[] {
  return boxes.flatMap((one, index) =>
    boxes
      .slice(index + 1)
      .filter(
        (other) =>
          one.left < other.right - 0.5 &&
          other.left < one.right - 0.5 &&
          one.top < other.bottom - 0.5 &&
          other.top < one.bottom - 0.5,
      )
      .map((other) => `${one.name} and ${other.name}`),
  );
}

async function boxOf(element: Locator) {
  const box = await element.boundingBox();
  if (box === null) throw new Error("it is not drawn");
  return box;
}
