// The recorder alone in a real browser, on the shop, with a collector that keeps what it is sent.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { FakeCollector, type Received } from "./fakeCollector";
import { openShop, type Shop } from "./shop";
import { until } from "./waiting";

let browser: Browser;
let collector: FakeCollector;
let shop: Shop;
let context: BrowserContext;
let page: Page;
let pageErrors: Error[];

beforeAll(async () => {
  collector = await FakeCollector.start();
  [browser, shop] = await Promise.all([launchChromium(), openShop(collector.recorderUrl, "write-key-1")]);
});
afterAll(async () => {
  await Promise.all([browser.close(), shop.stop()]);
  await collector.stop();
});
beforeEach(async () => {
  collector.clear();
  context = await browser.newContext();
  pageErrors = [];
  context.on("weberror", (error) => pageErrors.push(error.error()));
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  expect(pageErrors).toEqual([]);
});

const textOf = (batches: Received[]) => batches.map(({ text }) => text).join("\n");
const snapshots = () => collector.accepted.flatMap(({ events }) => events).filter(({ type }) => type === 2);
const arrival = (text: string) => until(`${text} arrives`, () => textOf(collector.accepted).includes(text));

/** Of each window the numbers, once each; a number that came twice came with the same events. */
function numbersOf(batches: Received[]): Map<string, number[]> {
  const seen = new Map<string, Map<number, string>>();
  for (const { window, seq, text } of batches) {
    const numbers = seen.get(window) ?? new Map<number, string>();
    seen.set(window, numbers);
    expect(text).toBe(numbers.get(seq) ?? text);
    numbers.set(seq, text);
  }
  return new Map([...seen].map(([window, numbers]) => [window, [...numbers.keys()].sort((a, b) => a - b)]));
}
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("a batch", () => {
  it("is gzipped by the browser, and its request needs no preflight", async () => {
    await page.goto(shop.url);
    await until("the snapshot", () => snapshots().length > 0);
    await page.evaluate(() => window.playhead?.event("another"));
    await arrival("another");
    expect(new Set(collector.received.map(({ encoding }) => encoding))).toEqual(new Set(["gzip"]));
    expect(new Set(collector.received.map(({ contentType }) => contentType))).toEqual(
      new Set(["text/plain"]),
    );
    expect(collector.unanswered).toEqual([]);
  });
});

describe("a refused batch", () => {
  it("comes again with the same number and the same events, and the next one after it", async () => {
    collector.answers = [{ status: 503, headers: { "Retry-After": "1" } }, { status: 503 }];
    await page.goto(shop.url);
    await until("the first batch is accepted", () => collector.accepted.length > 0);
    await page.getByRole("button", { name: "Chat with us" }).click();
    await arrival("Chat with us");
    await until("another batch", () => collector.accepted.length > 1);
    expect(collector.received.map(({ seq, status }) => [seq, status]).slice(0, 4)).toEqual([
      [0, 503],
      [0, 503],
      [0, 202],
      [1, 202],
    ]);
    expect(new Set(collector.received.slice(0, 3).map(({ text }) => text)).size).toBe(1);
  });
});

describe("a page that goes", () => {
  it("sends what happened last, also when the tab is closed", async () => {
    await page.goto(`${shop.url}product.html?tea=jade`);
    await until("the snapshot", () => snapshots().length > 0);
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.evaluate(() => window.playhead?.event("last-words", "closing"));
    await page.close({ runBeforeUnload: true });
    await arrival("last-words");
    expect(textOf(collector.accepted)).toContain("Jade Sencha added.");
  });

  it("hands what the collector would not take to the tab's next page", async () => {
    await page.goto(shop.url);
    await until("the snapshot", () => snapshots().length > 0);
    await page.evaluate(() => window.playhead?.event("last-words", "navigating"));
    collector.answers = [{ status: 503 }];
    await page.goto(`${shop.url}checkout.html`);
    await arrival("last-words");
    const withWords = collector.received.filter(({ text }) => text.includes("last-words"));
    expect(withWords[0]?.status).toBe(503);
    expect(new Set(withWords.map(({ seq }) => seq)).size).toBe(1);
  });

  it("loses nothing of what does not fit into a request that outlives it", async () => {
    await page.goto(shop.url);
    await until("the snapshot", () => snapshots().length > 0);
    // 15 × 15,000 characters: more than 64 KiB, less than a batch that is sent for its size alone.
    await page.evaluate(() => {
      for (let i = 0; i < 15; i++) window.playhead?.event("large", `large-${i}-${"x".repeat(15_000)}`);
      location.href = "checkout.html";
    });
    for (let i = 0; i < 15; i++) await arrival(`"large-${i}-x`);
    await until("the next page's snapshot", () => snapshots().length > 1);
    // One window, or two where the browser was late to tell the first page that it goes (src/tab.ts).
    for (const numbers of numbersOf(collector.accepted).values())
      expect(numbers).toEqual(upTo(numbers.length));
  });
});

describe("the window", () => {
  it("goes on through the pages of a tab, with numbers without a hole", async () => {
    await page.goto(shop.url);
    await page.getByRole("link", { name: "Ember Lapsang" }).click();
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.getByRole("link", { name: "To the basket" }).click();
    await page.getByLabel("Name").pressSequentially("Ada");
    await page.reload();
    await page.goBack();
    await until("five pages' snapshots", () => snapshots().length >= 5);
    const [numbers, ...others] = numbersOf(collector.accepted).values();
    expect(others).toEqual([]);
    expect(numbers).toEqual(upTo(numbers?.length ?? 0));
    expect(new Set(collector.accepted.map(({ visitor }) => visitor)).size).toBe(1);
  });

  it("is another one in a tab that began with a copy of this one's storage", async () => {
    await page.goto(shop.url);
    await until("the snapshot", () => snapshots().length > 0);
    const opened = context.waitForEvent("page");
    await page.evaluate(() => window.open("checkout.html"));
    await opened;
    await until("both snapshots", () => snapshots().length > 1);
    expect([...numbersOf(collector.accepted).keys()]).toHaveLength(2);
    expect(new Set(collector.accepted.map(({ visitor }) => visitor)).size).toBe(1);
  });
});

describe("what is typed", () => {
  it("never leaves the page in clear", async () => {
    const typed = {
      Name: "Ada Secretname",
      "E-mail": "ada@secret.example",
      "Street and town": "Hidden Lane 7",
      Password: "correct horse battery",
      "Card number": "4929 1111 2222 3333",
      "Valid until": "07 / 31",
      Code: "998877",
    };
    await page.goto(`${shop.url}product.html?tea=moon`);
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.goto(`${shop.url}checkout.html`);
    for (const [label, text] of Object.entries(typed)) {
      await page.getByLabel(label, { exact: true }).pressSequentially(text);
    }
    await page.getByLabel("Delivery").selectOption("bicycle");
    await page.evaluate(() => {
      window.playhead?.stop();
      // A second recording begins with a snapshot of the fields as they now are.
      window.playhead?.start();
    });
    await page.getByRole("button", { name: "Place the order" }).click();
    await page.getByRole("heading", { name: "Thank you" }).waitFor();
    await arrival("order-placed");
    const all = textOf(collector.received);
    for (const text of Object.values(typed)) {
      expect(all).not.toContain(text);
      expect(all).toContain(`"${"*".repeat(text.length)}"`);
      // Nor letter by letter: no prefix of it that is long enough to tell.
      expect(all).not.toContain(`"${text.slice(0, 5)}`);
    }
    const inputs = collector.received
      .flatMap(({ events }) => events)
      .filter(({ type, data }) => type === 3 && data.source === 5);
    expect(JSON.stringify(inputs)).not.toContain("bicycle");
    expect(inputs.length).toBeGreaterThan(20);
  });
});

describe("a collector that cannot be reached", () => {
  it("does not disturb the shop", async () => {
    await context.route("**/v1/**", (route) => route.abort());
    await page.goto(`${shop.url}product.html?tea=cliff`);
    await page.getByRole("button", { name: "Add to basket" }).click();
    await page.getByText("1 × Cliff Oolong added.").waitFor();
    await page.evaluate(() => window.playhead?.event("chat", 1));
    await page.getByRole("link", { name: "To the basket" }).click();
    await page.getByRole("heading", { name: "Your basket" }).waitFor();
    expect(collector.received).toEqual([]);
  });
});
