// The same visit to the shop with and without a recording of it: what happens to the page is the same.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { FakeCollector } from "./fakeCollector";
import { openShop, type Shop } from "./shop";
import { until } from "./waiting";

let browser: Browser;
let collector: FakeCollector;
let shop: Shop;

beforeAll(async () => {
  collector = await FakeCollector.start();
  [browser, shop] = await Promise.all([launchChromium(), openShop(collector.recorderUrl, "write-key-1")]);
});
afterAll(async () => {
  await Promise.all([browser.close(), shop.stop()]);
  await collector.stop();
});

/** What became of a page. */
interface PageState {
  /** Every change of its document, in order. */
  changes: string[];
  /** What is there in the end: elements with their attributes, rules of styles, names of the window's own. */
  html: string;
  rules: string[];
  names: string[];
}

/** Runs in the page: writes every change of the document down from now on. */
function watch(): void {
  const nameOf = (node: Node) => `${node.nodeName} ${node.textContent ?? ""}`;
  const changes: string[] = [];
  const write = (records: MutationRecord[]) => {
    for (const { type, target, attributeName, oldValue, addedNodes, removedNodes } of records) {
      const now = attributeName === null ? null : (target as Element).getAttribute(attributeName);
      const moved = [addedNodes, removedNodes].map((nodes) => [...nodes].map(nameOf).join());
      changes.push([type, target.nodeName, attributeName, oldValue, now, ...moved].join(" | "));
    }
  };
  const all = { subtree: true, childList: true, attributes: true, characterData: true } as const;
  const observer = new MutationObserver(write);
  observer.observe(document, { ...all, attributeOldValue: true, characterDataOldValue: true });
  const read = (): PageState => {
    write(observer.takeRecords());
    return {
      changes,
      html: document.documentElement.outerHTML,
      rules: [...document.styleSheets, ...document.adoptedStyleSheets].flatMap((sheet) =>
        [...sheet.cssRules].map(({ cssText }) => cssText),
      ),
      names: Object.getOwnPropertyNames(window).sort(),
    };
  };
  Object.assign(window, { readPage: read });
}

/** The page is watched from before the recording starts until after it has stopped. */
async function visit(page: Page, recorded: boolean): Promise<PageState> {
  // Nothing is recorded until the test says so.
  await page.addInitScript(() => {
    localStorage.setItem("playhead.write-key-1.opted-out", "1");
  });
  await page.goto(`${shop.url}checkout.html`);
  await page.waitForFunction(() => window.playhead !== undefined);
  await page.evaluate(`(${watch.toString()})()`);
  const arrival = (text: string) =>
    until(`${text} arrives`, () => collector.accepted.some((batch) => batch.text.includes(text)));
  if (recorded) {
    await page.evaluate(() => window.playhead?.optIn());
    await until("the snapshot", () => collector.accepted.length > 0);
  }
  await page.getByLabel("Name", { exact: true }).pressSequentially("Ada");
  await page.getByLabel("Delivery").selectOption("bicycle");
  await page.getByLabel("Wrap it as a gift").check();
  const password = page.getByLabel("Password");
  await password.pressSequentially("correct horse");
  // As a page shows a password, and hides it again.
  for (const type of ["text", "password", "text"]) {
    await password.evaluate((field, shown) => {
      (field as HTMLInputElement).type = shown;
    }, type);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  await page.getByRole("button", { name: "Chat with us" }).click();
  await page.getByLabel("Your message").pressSequentially("something green");
  await page.getByLabel("Your message").press("Enter");
  await page.getByText("Jade Sencha is a gentle start").waitFor();
  if (recorded) {
    await page.evaluate(() => {
      window.playhead?.event("the-end");
      window.playhead?.stop();
    });
    await arrival("the-end");
    expect(collector.accepted.some(({ text }) => text.includes("Jade Sencha is a gentle start"))).toBe(true);
  }
  const read = await page.evaluate<PageState>("readPage()");
  await page.context().close();
  return read;
}

it("has no frame of ours left where the page's own functions could not be trusted", async () => {
  // As Safari, in which rrweb needs the frame as long as it records.
  const userAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15";
  const page = await (await browser.newContext({ userAgent })).newPage();
  // Angular's mark.
  await page.addInitScript("globalThis.Zone = {}");
  await page.goto(shop.url);
  const frames = () => page.evaluate(() => document.querySelectorAll("iframe").length);
  await page.waitForFunction(() => document.querySelector("iframe") !== null);
  await page.evaluate(() => window.playhead?.stop());
  expect(await frames()).toBe(0);
  const before = collector.accepted.length;
  await page.evaluate(() => window.playhead?.start());
  await until("it records again", () => collector.accepted.length > before);
  expect(await frames()).toBeGreaterThan(0);
  await page.evaluate(() => window.playhead?.stop());
  expect(await frames()).toBe(0);
  await page.context().close();
});

it("has the same changes, and is the same in the end", async () => {
  const alone = await visit(await browser.newPage(), false);
  const recorded = await visit(await browser.newPage(), true);
  // So that this is not about nothing: the page's own changes are seen.
  expect(alone.changes.filter((change) => change.includes("type"))).not.toEqual([]);
  expect(alone.html).toContain("Jade Sencha is a gentle start");
  expect(recorded).toEqual(alone);
  expect(collector.received.map(({ text }) => text).join()).not.toContain("correct horse");
});
