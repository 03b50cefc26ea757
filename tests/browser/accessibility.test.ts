// axe-core finds nothing, in light and dark, on a phone and on a desk; and no style sheet goes its own way in colours.
import axe from "axe-core";
import { readdirSync, readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { click, consoleError, custom, headingSays, type MadeEvent, page as aPage, send } from "./madeVisits";
import { root } from "./paths";
import { startStack, type Stack } from "./stack";
import { Stored } from "./stored";
import { until } from "./waiting";

const GAP_MS = 30_000;
const SIZES = { phone: { width: 360, height: 640 }, desk: { width: 1_280, height: 800 } };
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let stack: Stack;
let browser: Browser;
let page: Page;
let session: string;

const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  ends.push(() => stack.stop());
  browser = await launchChromium();
  ends.push(() => browser.close());
  const t0 = Date.now() - 10 * 60_000;
  const visit = (window: string, at: number) => ({
    window,
    batches: {
      0: [
        ...aPage(at, "https://lantern-tea.example/teas?kind=oolong", "Teas"),
        click(at + 1_000),
        click(at + 1_200),
        click(at + 1_400),
        headingSays(at + 1_450, "Teas, sorted"),
        custom(at + 2_000, "chat", { text: "When do you post?" }),
        consoleError(at + 3_000, "basket is undefined"),
        click(at + 20_000),
        custom(at + 25_000, "done", null),
      ],
    },
  });
  await send(stack, "ada", [visit("w0", t0 - 60 * 60_000)], USER_AGENT);
  await send(stack, "ada", [visit("w1", t0), visit("w2", t0 + 5_000)], USER_AGENT);
  const stored = new Stored(stack);
  await until("the visits are stored", async () => {
    const [newest, earlier] = await stored.sessionsOf("ada");
    session = newest?.session_id ?? "";
    return earlier !== undefined && newest?.events === 20;
  });
  page = await (await browser.newContext({ viewport: SIZES.desk })).newPage();
  await signIn(stack.token);
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

interface Finding {
  rule: string;
  where: string;
  why: string;
}

/** What axe finds on the page as it is, in each of the two sizes and colours. */
async function findings(): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [sizeName, size] of Object.entries(SIZES)) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // The page's own policy lets no script in; the browser's debugger does.
      await page.evaluate(`window.axe === undefined && (() => {${axe.source}})()`);
      const violations = await page.evaluate(async (tags) => {
        const { axe: inPage } = window as unknown as { axe: typeof axe };
        // The recorded page is as its site made it.
        const { violations: all } = await inPage.run(
          { include: ["html"], exclude: ["iframe"] },
          {
            runOnly: tags,
            iframes: false,
            resultTypes: ["violations"],
            rules: { "target-size": { enabled: true } },
          },
        );
        return all.flatMap(({ id, nodes }) =>
          nodes.map(({ target, failureSummary }) => ({
            rule: id,
            where: target.join(" "),
            why: failureSummary ?? "",
          })),
        );
      }, TAGS);
      found.push(
        ...violations.map(({ rule, where, why }) => ({
          rule: `${rule} (${sizeName}, ${colorScheme})`,
          where,
          why,
        })),
      );
    }
  }
  await page.setViewportSize(SIZES.desk);
  return found;
}

const list = (rest = "") => `${stack.dashboardUrl}/?connection=${stack.connection}${rest}`;

async function signIn(token: string): Promise<void> {
  await page.goto(`${list()}#token=${token}`);
  await page.getByTestId("session-row").first().waitFor();
}

/** Does something as somebody who is not signed in yet. */
async function asAnother(what: () => Promise<void>): Promise<void> {
  const before = page;
  page = await (await browser.newContext({ viewport: SIZES.desk })).newPage();
  try {
    await what();
  } finally {
    await page.context().close();
    page = before;
  }
}

async function openReplay(): Promise<void> {
  await page.goto(`${stack.dashboardUrl}/sessions/${session}?connection=${stack.connection}`);
  await until("it can be played", () => page.getByTestId("replay-play").isEnabled());
  const play = page.getByTestId("replay-play");
  if ((await play.getAttribute("aria-label")) === "Pause") await play.click();
  await page.getByTestId("marker").first().waitFor();
}

describe("axe finds nothing wrong with", () => {
  it("the sign-in, also after a token that is not known", () =>
    asAnother(async () => {
      await page.goto(stack.dashboardUrl);
      await page.getByTestId("sign-in").waitFor();
      expect(await findings()).toEqual([]);
      await page.getByLabel("Token").fill("not a token");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("alert").waitFor();
      expect(await findings()).toEqual([]);
    }));

  it("the list", async () => {
    await page.goto(list());
    await page.getByTestId("session-row").first().waitFor();
    expect(await findings()).toEqual([]);
  });

  it("the list with filters", async () => {
    await page.goto(list("&status=completed"));
    await page.getByTestId("session-row").first().waitFor();
    const more = page.getByTestId("more-filters");
    if ((await more.count()) > 0) await more.click();
    expect(await findings()).toEqual([]);
  });

  it("an empty list", async () => {
    await page.goto(list("&status=active"));
    await page.getByTestId("no-sessions").waitFor();
    expect(await findings()).toEqual([]);
  });

  it("the list while it loads, when it fails, and when nobody is online", async () => {
    const lists = "**/v1/connections/*/sessions?*";
    let fail: () => void = () => undefined;
    const failing = new Promise<void>((resolve) => {
      fail = resolve;
    });
    await page.route(lists, async (route) => {
      await failing;
      await route.fulfill({ status: 503, json: { status: 503, title: "The store is not available" } });
    });
    try {
      await page.goto(list("&min_events=1"));
      await page.getByRole("status", { name: "Loading sessions" }).waitFor();
      expect(await findings()).toEqual([]);
      fail();
      await page.getByTestId("problem").first().waitFor();
      expect(await findings()).toEqual([]);
      await page.context().setOffline(true);
      await page.getByTestId("offline").waitFor();
      expect(await findings()).toEqual([]);
    } finally {
      await page.unroute(lists);
      await page.context().setOffline(false);
    }
    await page.getByTestId("session-row").first().waitFor();
  });

  it("a list that is no longer kept up to date", async () => {
    await page.goto(list());
    await page.getByTestId("session-row").first().waitFor();
    await page.context().setOffline(true);
    try {
      await page.getByTestId("stale").waitFor();
      expect(await findings()).toEqual([]);
    } finally {
      await page.context().setOffline(false);
    }
    await page.getByTestId("stale").waitFor({ state: "detached" });
  });

  it("a session that is not there", async () => {
    await page.goto(`${stack.dashboardUrl}/sessions/019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55`);
    await page.getByTestId("replay").getByTestId("problem").waitFor();
    expect(await findings()).toEqual([]);
  });

  it("the replay with the panel", async () => {
    await openReplay();
    await page.getByTestId("other-session").waitFor();
    expect(await findings()).toEqual([]);
  });

  it("the jump list", async () => {
    await openReplay();
    await page.getByTestId("side-jump").click();
    await page.getByTestId("jump-entry").first().click();
    await page.getByTestId("jump-error").click();
    await page.getByTestId("jump-list").focus();
    expect(await findings()).toEqual([]);
  });

  it("the share dialog, with a link just made", async () => {
    await openReplay();
    await page.getByTestId("share-open").click();
    await page.getByTestId("share-make").click();
    await page.getByTestId("share-made").waitFor();
    await page.getByTestId("share").waitFor();
    expect(await findings()).toEqual([]);
  });

  it("the share dialog of a reader", () =>
    asAnother(async () => {
      await signIn(await stack.addToken("a reader", "reader"));
      await openReplay();
      await page.getByTestId("share-open").click();
      await page.getByTestId("share-why-not").waitFor();
      expect(await findings()).toEqual([]);
    }));

  it("a replay that cannot play yet, and one of a visitor who is there", async () => {
    const at = Date.now();
    const say = (seq: number, events: MadeEvent[]) =>
      send(stack, "bea", [{ window: "w", batches: { [seq]: events } }], USER_AGENT);
    const [meta, snapshot] = aPage(at, "https://lantern-tea.example/", "Teas");
    if (meta === undefined || snapshot === undefined) throw new Error("a page is a Meta and a snapshot");
    let seq = 0;
    const goesOn = () => say((seq += 1), [custom(Date.now(), "still here", null)]);
    await say(0, [meta]);
    // They do something every few seconds for as long as it is looked at, so that they stay.
    let sending = Promise.resolve();
    const alive = setInterval(() => {
      sending = sending.then(goesOn);
    }, 3_000);
    try {
      const stored = new Stored(stack);
      const theirs = await until(
        "they are there",
        async () => (await stored.sessionsOf("bea"))[0]?.session_id,
      );
      await page.goto(`${stack.dashboardUrl}/sessions/${theirs}?connection=${stack.connection}`);
      await until("it says why", async () => page.locator("#replay-notice").isVisible());
      expect(await page.getByTestId("replay-play").isDisabled()).toBe(true);
      expect(await findings()).toEqual([]);

      await say((seq += 1), aPage(Date.now(), "https://lantern-tea.example/", "Teas"));
      const live = page.getByTestId("live-status");
      const follows = async () => /^Live, \d+ s behind$/.test((await live.textContent()) ?? "");
      await until("they are followed", async () => (await live.count()) > 0 && (await follows()));
      expect(await findings()).toEqual([]);
      expect(await follows()).toBe(true);
    } finally {
      clearInterval(alive);
      await sending;
    }
  });

  it("the help", async () => {
    await openReplay();
    await page.getByTestId("help-open").click();
    await page.getByTestId("character-keys").uncheck();
    expect(await findings()).toEqual([]);
    await page.getByTestId("character-keys").check();
  });
});

describe("what axe cannot see", () => {
  it("does not move for who asked for less motion", async () => {
    await page.goto(list());
    await page.getByTestId("session-row").first().waitFor();
    const moving = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("*")].flatMap((element) => {
          const { animationName, animationDuration, animationIterationCount } = getComputedStyle(element);
          const moves = animationName !== "none" && parseFloat(animationDuration) > 0.01;
          return moves || (animationName !== "none" && animationIterationCount === "infinite")
            ? [element.className]
            : [];
        }),
      );
    expect(await moving()).toEqual([]);
  });

  it("shows where the focus is", async () => {
    await openReplay();
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press("Tab");
      const outline = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body || element.matches(".replay")) return "solid";
        // A radio button is drawn by what stands beside it.
        const drawn = element.matches(".choice input") ? element.nextElementSibling : element;
        return drawn === null ? "none" : getComputedStyle(drawn).outlineStyle;
      });
      expect(outline).not.toBe("none");
    }
  });

  it("follows the choice of colours in every style sheet, because none asks the system by itself", () => {
    const source = root("services/query-api/dashboard/src");
    const sheets = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".css"),
    );
    expect(sheets).toContain("style/tokens.css");
    const asking = sheets.filter((name) =>
      readFileSync(`${source}/${name}`, "utf8").includes("prefers-color-scheme"),
    );
    expect(asking).toEqual([]);
  });
});
