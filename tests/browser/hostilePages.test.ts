// What an attacker may send as a recording, played in the dashboard: nothing of it runs, and nobody is called.
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { hostilePages } from "./hostilePages";
import { HostileVisits } from "./hostileVisits";
import { Sink } from "./sink";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";
import { WatchedPage } from "./watchedPage";
import { weaken, type Weakness } from "./weakened";

const STARTED_AT = Date.now() - 60_000;
const STAGE = "[data-testid=stage]";
/** So many play at the same time. */
const TABS = 4;
/** Known before the stack runs, so that each page is a test of its own name. */
const NAMES = hostilePages("http://own.example", STARTED_AT).map(({ name }) => name);

let stack: Stack;
let sink: Sink;
let browser: Browser;
let visits: HostileVisits;

const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(30 * 60_000);
  ends.push(() => stack.stop());
  const made = hostilePages(stack.dashboardUrl, STARTED_AT);
  visits = new HostileVisits(stack, made);
  sink = await Sink.open(made.map(({ host }) => host));
  ends.push(() => sink.stop());
  browser = await launchChromium(sink.hosts);
  ends.push(() => browser.close());
  await visits.begin();
}, 240_000);
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const signedIn = (weakness: Weakness = { sandbox: false, policy: false }): Promise<BrowserContext> =>
  visits.signedIn(browser, (context) => weaken(context, weakness));

describe("a hostile page, played to its end and jumped through", { concurrent: true }, () => {
  let context: BrowserContext;
  const free: WatchedPage[] = [];
  const waiting: ((tab: WatchedPage) => void)[] = [];

  beforeAll(async () => {
    context = await signedIn();
    for (let at = 0; at < TABS; at++) free.push(await WatchedPage.open(context, STAGE, stack.dashboardUrl));
  });
  afterAll(() => context.close());

  const take = (): Promise<WatchedPage> => {
    const tab = free.pop();
    return tab === undefined ? new Promise((given) => waiting.push(given)) : Promise.resolve(tab);
  };
  const giveBack = (tab: WatchedPage) => {
    const next = waiting.shift();
    if (next === undefined) free.push(tab);
    else next(tab);
  };

  it.each(NAMES)("%s", async (name) => {
    const page = visits.named(name);
    const tab = await take();
    try {
      expect(await tab.play(visits.addressOf(page))).toEqual([]);
      expect(await tab.said()).toBe("block");
      expect(sink.of(page.host)).toEqual([]);
    } finally {
      giveBack(tab);
    }
  });
});

describe("all of them", () => {
  it("are a hundred and more", () => {
    expect(new Set(NAMES).size).toBeGreaterThanOrEqual(100);
  });

  it("called nobody, also later", () => {
    expect(sink.calls.map(({ host, head }) => `${host} ${head}`)).toEqual([]);
  });

  it("cannot be the name of a visitor", async () => {
    const page = visits.named("strings: markup");
    const answer = await visits.send(page, page.userAgent);
    expect(answer.status).toBe(400);
  });
});

// Last, as these call.
describe("with the sandbox and the policy taken away, the same look", () => {
  const CODE_RAN = /code ran in|wrote to the console/;

  it.each([
    ["nodes: srcdoc", CODE_RAN],
    ['handlers of img {"src":"x:"}', CODE_RAN],
    ["addresses in img src", /answer from|a connection/],
    ["styles: a font", /answer from|a connection/],
  ])("sees what %s does", async (name, expected) => {
    const context = await signedIn({ sandbox: true, policy: true });
    const tab = await WatchedPage.open(context, STAGE, stack.dashboardUrl);
    // What runs may take the page away under the one who plays it.
    tab.play(visits.addressOf(visits.named(name))).catch(() => undefined);
    const { host } = visits.named(name);
    await until(
      "it is seen",
      async () =>
        [...(await tab.noted()), ...sink.of(host).map(() => "a connection")].some((note) =>
          expected.test(note),
        ),
      100_000,
    );
    await context.close();
  });
});
