// What an attacker may send as a recording, played in the dashboard: nothing of it runs, and nobody is called.
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { hostilePages, type HostilePage } from "./hostilePages";
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
let pages: Map<string, HostilePage>;
let sessions: Map<string, string>;

const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(30 * 60_000);
  ends.push(() => stack.stop());
  const made = hostilePages(stack.dashboardUrl, STARTED_AT);
  pages = new Map(made.map((page) => [page.name, page]));
  sink = await Sink.open(made.map(({ host }) => host));
  ends.push(() => sink.stop());
  browser = await launchChromium(sink.hosts);
  ends.push(() => browser.close());
  for (const page of made) await send(page);
  sessions = await until("all can be played", () => playable(made.length), 120_000);
}, 240_000);
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const visitorOf = ({ host }: HostilePage) => host.replaceAll(".", "-");

async function send(page: HostilePage, visitor = visitorOf(page)): Promise<Response> {
  const query = new URLSearchParams({ key: stack.writeKey, visitor, window: "w", seq: "0" });
  const answer = await fetch(`${stack.collectorUrl}/v1/batches?${query}`, {
    method: "POST",
    headers: { "User-Agent": page.userAgent },
    body: JSON.stringify(page.events),
  });
  if (visitor === visitorOf(page)) expect(answer.status, page.name).toBe(202);
  return answer;
}

/** Sessions by their visitors, once there are so many and each can be played. */
async function playable(count: number): Promise<Map<string, string> | null> {
  const found = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: "200", ...(cursor === null ? {} : { cursor }) });
    const answer = await fetch(`${stack.dashboardUrl}/v1/connections/${stack.connection}/sessions?${query}`, {
      headers: { Authorization: `Bearer ${stack.token}` },
    });
    const list = (await answer.json()) as {
      sessions: { session_id: string; visitor_id: string; replayable: boolean }[];
      next_cursor: string | null;
    };
    for (const one of list.sessions) if (one.replayable) found.set(one.visitor_id, one.session_id);
    cursor = list.next_cursor;
  } while (cursor !== null);
  return found.size >= count ? found : null;
}

function addressOf(page: HostilePage): string {
  const session = sessions.get(visitorOf(page));
  if (session === undefined) throw new Error(`there is no session of ${page.name}`);
  // At a moment: without one it would follow a visitor who is still there.
  const query = new URLSearchParams({
    connection: stack.connection,
    at: String(page.events[0]?.timestamp),
  });
  return `${stack.dashboardUrl}/sessions/${session}?${query}`;
}

function named(name: string): HostilePage {
  const page = pages.get(name);
  if (page === undefined) throw new Error(`there is no page ${name}`);
  return page;
}

async function signedIn(weakness: Weakness = { sandbox: false, policy: false }): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: { width: 1_000, height: 700 } });
  await weaken(context, weakness);
  const page = await context.newPage();
  await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
  await page.getByRole("heading", { name: "Sessions" }).waitFor();
  await page.close();
  return context;
}

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
    const page = named(name);
    const tab = await take();
    try {
      expect(await tab.play(addressOf(page))).toEqual([]);
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
    const page = named("strings: markup");
    const answer = await send(page, page.userAgent);
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
    tab.play(addressOf(named(name))).catch(() => undefined);
    const { host } = named(name);
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
