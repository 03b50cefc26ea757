// What an attacker may send as a recording, played in the dashboard: nothing of it runs, and nobody is called.
import type { BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostilePages } from "./hostilePages";
import { HostileVisits, STARTED_AT } from "./hostileVisits";
import { until } from "./waiting";
import { WatchedPage } from "./watchedPage";
import { weaken, type Weakness } from "./weakened";

const STAGE = "[data-testid=stage]";
/** So many play at the same time. */
const TABS = 4;
/** Known before the stack runs, so that each page is a test of its own name. */
const NAMES = hostilePages("http://own.example", STARTED_AT).map(({ name }) => name);

let visits: HostileVisits;

beforeAll(async () => {
  visits = await HostileVisits.open(NAMES);
}, 240_000);
afterAll(() => visits.close());

const signedIn = (weakness: Weakness = { sandbox: false, policy: false }): Promise<BrowserContext> =>
  visits.signedIn((context) => weaken(context, weakness));

describe("a hostile page, played to its end and jumped through", { concurrent: true }, () => {
  let context: BrowserContext;
  const free: WatchedPage[] = [];
  const waiting: ((tab: WatchedPage) => void)[] = [];

  beforeAll(async () => {
    context = await signedIn();
    for (let at = 0; at < TABS; at++)
      free.push(await WatchedPage.open(context, STAGE, visits.stack.dashboardUrl));
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
      expect(visits.sink.of(page.host)).toEqual([]);
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
    expect(visits.sink.calls.map(({ host, head }) => `${host} ${head}`)).toEqual([]);
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
    const tab = await WatchedPage.open(context, STAGE, visits.stack.dashboardUrl);
    // What runs may take the page away under the one who plays it.
    tab.play(visits.addressOf(visits.named(name))).catch(() => undefined);
    const { host } = visits.named(name);
    await until(
      "it is seen",
      async () =>
        [...(await tab.noted()), ...visits.sink.of(host).map(() => "a connection")].some((note) =>
          expected.test(note),
        ),
      100_000,
    );
    await context.close();
  });
});
