// A page that stays open: when it is looked at whole again, and when nothing of it is recorded. The browser's clock is
// the test's, so minutes take no time.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { FakeCollector } from "./fakeCollector";
import { Site } from "./site";
import { until } from "./waiting";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let browser: Browser;
let collector: FakeCollector;
let site: Site;
let page: Page;

beforeAll(async () => {
  [browser, collector, site] = await Promise.all([launchChromium(), FakeCollector.start(), Site.open()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([collector.stop(), site.stop()]);
});
beforeEach(async () => {
  collector.clear();
  site.html = `<script async src="${collector.recorderUrl}" data-key="write-key-1"></script><p>a page</p>`;
  page = await browser.newPage();
  await page.clock.install();
});
afterEach(() => page.context().close());

const text = () => collector.accepted.map((batch) => batch.text).join("\n");
const snapshots = () =>
  collector.accepted
    .flatMap(({ events }) => events)
    .filter(({ type }) => type === 2)
    .map(({ data }) => JSON.stringify(data));
const arrival = (words: string) => until(`${words} arrives`, () => text().includes(words));
let x = 0;
/** The visitor does something, and it has been sent. */
const visit = async (name: string) => {
  x = (x + 10) % 500;
  await page.mouse.click(x, 10);
  await page.evaluate((mark) => window.playhead?.event(mark), name);
  await arrival(`"${name}"`);
};
const add = (words: string) =>
  page.evaluate((said) => {
    const added = document.createElement("p");
    added.textContent = said;
    document.body.append(added);
  }, words);

it("is looked at whole every four minutes, while its visitor is there", async () => {
  await page.goto(site.url);
  await until("the snapshot", () => snapshots().length === 1);
  for (const minute of [1, 2, 3]) {
    await page.clock.fastForward(MINUTE);
    await visit(`minute-${minute}`);
  }
  expect(snapshots()).toHaveLength(1);
  await page.clock.fastForward(MINUTE);
  await visit("minute-4");
  await until("another snapshot", () => snapshots().length === 2);
});

it("is not recorded while its visitor has been away for five minutes, and whole again when they are back", async () => {
  await page.goto(site.url);
  await until("the snapshot", () => snapshots().length === 1);
  await visit("the-beginning");
  // It changes all the while; what is four minutes old is looked at whole.
  for (let minute = 1; minute < 5; minute++) {
    await page.clock.fastForward(MINUTE);
    await add(`after ${minute} minutes`);
    await arrival(`after ${minute} minutes`);
  }
  await page.clock.fastForward(MINUTE);
  const before = collector.received.length;
  await add("nobody is here");
  await page.evaluate(() => document.querySelector("p:last-child")?.remove());
  await add("still here later");
  await page.clock.fastForward(10 * MINUTE);
  expect(collector.received).toHaveLength(before);
  const known = snapshots().length;
  await visit("back again");
  await until("the page as it is now", () => snapshots().length > known);
  expect(snapshots().at(-1)).toContain("still here later");
  expect(text()).not.toContain("nobody is here");
});

it("is looked at whole after half the connection's gap in silence, since a new session may begin", async () => {
  collector.config = { gap_ms: 2 * MINUTE };
  await page.goto(site.url);
  await until("the snapshot", () => snapshots().length === 1);
  await page.clock.fastForward(50 * SECOND);
  await visit("in time");
  expect(snapshots()).toHaveLength(1);
  await page.clock.fastForward(60 * SECOND);
  await visit("after a silence");
  await until("another snapshot", () => snapshots().length === 2);
});
