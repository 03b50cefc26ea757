// The whole way: a person in the shop, and what the dashboard shows of them.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { masked, viewOf, type PageView } from "./pageView";
import { root } from "./paths";
import { openShop, type Shop } from "./shop";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";

const GAP_MS = 8_000;
/** A site as visitors know it: plain http, and another origin than the collector. */
const SHOP_HOST = "lantern-tea.example";
const SHOP_URL = `http://${SHOP_HOST}/`;
const USER_AGENT =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
const VIEWPORT = { width: 1_280, height: 800 };
/** Set, the README's pictures are taken anew. */
const TAKE_PICTURES = process.env.PLAYHEAD_TAKE_PICTURES === "1";

let stack: Stack;
let shop: Shop;
let browser: Browser;
let dashboard: Page;

/** What was started, ended in the reverse order. */
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  ends.push(() => stack.stop());
  shop = await openShop(`${stack.collectorUrl}/recorder.js`, stack.writeKey);
  ends.push(() => shop.stop());
  browser = await launchChromium({ [SHOP_HOST]: new URL(shop.url).host });
  ends.push(() => browser.close());
  dashboard = await (await browser.newContext({ viewport: VIEWPORT })).newPage();
  await dashboard.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
  await dashboard.getByRole("heading", { name: "Sessions" }).waitFor();
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

interface Moment {
  name: string;
  /** On the page's own clock. */
  at: number;
  view: PageView;
}

const rowOf = (session: string): Locator => dashboard.locator(`[data-session-id="${session}"]`);
const rows = (): Promise<string[]> =>
  dashboard
    .getByTestId("session-row")
    .evaluateAll((found) => found.map((row) => row.getAttribute("data-session-id") ?? ""));

async function picture(name: string): Promise<void> {
  if (!TAKE_PICTURES) return;
  const folder = root("docs", "images");
  await mkdir(folder, { recursive: true });
  await dashboard.screenshot({ path: join(folder, `${name}.png`) });
}

describe("a session in the list", () => {
  it("can be played exactly when it has a picture of the page, and says so by itself", async () => {
    const at = Date.now();
    const send = async (seq: number, event: unknown) => {
      const query = new URLSearchParams({
        key: stack.writeKey,
        visitor: "by-hand",
        window: "by-hand",
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
      data: { href: `${SHOP_URL}thanks.html`, width: 800, height: 600 },
      timestamp: at,
    });
    const session = await until("the session is listed", async () => (await rows())[0]);
    const play = rowOf(session).getByTestId("play-button");
    expect(await play.isDisabled()).toBe(true);
    expect(await rowOf(session).getByTestId("why-not-playable").textContent()).toMatch(/arrived yet/);

    const html = { type: 2, tagName: "html", attributes: {}, childNodes: [], id: 2 };
    const node = { type: 0, childNodes: [html], id: 1 };
    await send(1, { type: 2, data: { node, initialOffset: { left: 0, top: 0 } }, timestamp: at + 1 });
    await until("it can be played", () => play.isEnabled());
    await until(
      "it is over",
      async () => (await rowOf(session).getAttribute("data-status")) === "completed",
      60_000,
    );
  });
});

describe("a person in the shop", () => {
  let visitor: BrowserContext;
  let page: Page;
  let session: string;
  let before: string[];
  const moments: Moment[] = [];

  /** Remembers what the page shows now, clear of what happens before and after. */
  const remember = async (name: string) => {
    const settled = () => page.evaluate(() => new Promise((done) => setTimeout(done, 120)));
    await settled();
    const at = await page.evaluate(() => Date.now());
    moments.push({ name, at, view: await page.evaluate<PageView>(`(${viewOf.toString()})(document)`) });
    await settled();
  };

  beforeAll(async () => {
    visitor = await browser.newContext({ viewport: VIEWPORT, userAgent: USER_AGENT });
    page = await visitor.newPage();
  });

  it("appears as active, and can be played while they are there", async () => {
    if (TAKE_PICTURES) await stack.playRecordings();
    before = await until("the sessions before theirs", async () => {
      const listed = await rows();
      return listed.length >= (TAKE_PICTURES ? 7 : 1) ? listed : null;
    });
    await page.goto(SHOP_URL);
    await page.getByText("8 of 8 teas").waitFor();
    await remember("the list");

    await page.getByLabel("Find a tea").pressSequentially("o", { delay: 30 });
    await page.getByRole("button", { name: "oolong", exact: true }).click();
    await page.getByText("2 of 8 teas").waitFor();
    await remember("the list, filtered");

    session = await until("their session is listed", async () => {
      // They move, as people do: a still page would end the session.
      await page.mouse.move(200 + Math.round(Math.random() * 400), 300);
      return (await rows()).find((id) => !before.includes(id));
    });
    await until("it can be played", async () => {
      await page.mouse.move(200 + Math.round(Math.random() * 400), 300);
      return rowOf(session).getByTestId("play-button").isEnabled();
    });
    expect(await rowOf(session).getAttribute("data-status")).toBe("active");
    expect(await rowOf(session).getByTestId("status").textContent()).toBe("Active");
  });

  it("looks around, chats and orders", async () => {
    await page.getByRole("link", { name: "Amber Oolong" }).click();
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.getByText("1 × Amber Oolong added.").waitFor();
    await remember("a tea, in the basket");

    await page.getByRole("button", { name: "Chat with us" }).click();
    await page.getByLabel("Your message").pressSequentially("When do you post?", { delay: 20 });
    await remember("a message being typed");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("We post every day at four.").waitFor();
    await remember("the chat, answered");
    await page.getByRole("button", { name: "Close the chat" }).click();

    await page.getByRole("link", { name: "To the basket" }).click();
    await page.getByRole("button", { name: "One Amber Oolong more" }).click();
    await page.getByLabel("Name", { exact: true }).pressSequentially("Ada Lovelace");
    await page.getByLabel("Street and town").pressSequentially("12 St James's Square");
    await page.getByLabel("Delivery").selectOption("bicycle");
    await page.getByLabel("Wrap it as a gift").check();
    await remember("the order, half filled in");
    await page.getByLabel("E-mail").pressSequentially("ada@example.org");
    await page.getByLabel("Password").pressSequentially("difference engine");
    await page.getByLabel("Card number").pressSequentially("4929 1111 2222 3333");
    await page.getByLabel("Valid until").pressSequentially("07 / 31");
    await page.getByLabel("Code").pressSequentially("998");
    await remember("the order, filled in");

    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    await remember("the thanks");
    await page.mouse.move(300, 300);
    await page.mouse.move(400, 320);
    // What was typed must have been something to mask.
    expect(
      moments.flatMap(({ view }) => view.fields).some(({ value }) => value === "difference engine"),
    ).toBe(true);
  });

  it("is completed after the gap, as one session with all that they did", async () => {
    await visitor.close();
    await until(
      "it is completed",
      async () => (await rowOf(session).getAttribute("data-status")) === "completed",
      60_000,
    );
    expect((await rows()).filter((id) => !before.includes(id))).toEqual([session]);
    const answer = await dashboard.request.get(`${stack.dashboardUrl}/v1/sessions/${session}`);
    const detail = (await answer.json()) as { windows: { missing: number }[]; landing_url: string };
    expect(detail.landing_url).toBe(SHOP_URL);
    expect(detail.windows.map(({ missing }) => missing)).toEqual([0]);
    await until(
      "the totals say so, too",
      async () => (await dashboard.getByTestId("tile-active").textContent()) === "0",
    );
    await picture("sessions");
  });

  it("is seen in the replay as the page was, at every moment", async () => {
    await rowOf(session).getByTestId("play-button").click();
    const replay = dashboard.getByTestId("replay");
    const play = replay.getByTestId("replay-play");
    await until("the recording can be played", () => play.isEnabled());
    await until(
      "all of it is loaded",
      async () => (await replay.getByText("Loading the rest").count()) === 0,
    );
    if ((await play.getAttribute("aria-label")) === "Pause") await play.click();

    const time = replay.getByTestId("current-time");
    const shownAt = async () => Number(await time.getAttribute("data-at-ms"));
    const startAt = (await shownAt()) - Number(await time.getAttribute("data-position-ms"));
    const seek = async (at: number) => {
      await replay.getByTestId("scrubber").fill(String(at - startAt));
      await until("the replay is there", async () => (await shownAt()) === at);
    };
    const replayed = () =>
      dashboard.evaluate<PageView>(`(() => {
        const page = document.querySelector("[data-testid=stage] iframe").contentDocument;
        return (${viewOf.toString()})(page);
      })()`);

    // Forwards, and back again: a seek may depend on where it comes from.
    expect(moments).toHaveLength(8);
    for (const { name, at, view } of [...moments, ...moments.toReversed()]) {
      await seek(at);
      expect(await replayed(), name).toEqual(masked(view));
    }
    const shownInPicture = moments.find(({ name }) => name === "the chat, answered");
    await seek(shownInPicture?.at ?? startAt);
    await picture("replay");
  });
});
