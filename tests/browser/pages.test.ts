// Pages that record with rrweb alone, examples/fetch and examples/beacon: what they send, and what comes of it.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { openExample, type Example } from "./example";
import { FakeCollector, type Received } from "./fakeCollector";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";

const PAGES = ["fetch", "beacon"] as const;
const GAP_MS = 1_800_000;
const META = 4;
const FULL_SNAPSHOT = 2;

interface Event {
  type: number;
  timestamp: number;
}

let browser: Browser;
let context: BrowserContext;
let page: Page;
let emitted: Event[];
let pageErrors: Error[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  context = await browser.newContext();
  pageErrors = [];
  context.on("weberror", (error) => pageErrors.push(error.error()));
  emitted = [];
  await context.exposeFunction("tellEmitted", (text: string) => emitted.push(JSON.parse(text) as Event));
  // Everything that rrweb hands to the page, before the page has it.
  await context.addInitScript(`{
    let real;
    Object.defineProperty(window, "rrweb", {
      get: () => real,
      set: (rrweb) => {
        real = { ...rrweb, record: (options) => rrweb.record({ ...options, emit: (event, ...rest) => {
          window.tellEmitted(JSON.stringify(event));
          options.emit(event, ...rest);
        } }) };
      },
    });
  }`);
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  expect(pageErrors).toEqual([]);
});

async function addTask(task: string): Promise<void> {
  await page.getByLabel("What is to be done?").pressSequentially(task);
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("listitem").filter({ hasText: task }).waitFor();
}

describe.each(PAGES)("the page that records with %s", (name) => {
  let collector: FakeCollector;
  let example: Example;

  beforeAll(async () => {
    collector = await FakeCollector.start();
    example = await openExample(name, "write-key-1", { collector: collector.url });
  });
  afterAll(async () => {
    await example.stop();
    await collector.stop();
  });
  beforeEach(() => {
    collector.clear();
  });

  /** The accepted batches by seq, each once. */
  const taken = () => new Map(collector.accepted.map((batch) => [batch.seq, batch] as const));
  const events = (): Received["events"] =>
    [...taken().entries()].sort(([a], [b]) => a - b).flatMap(([, batch]) => batch.events);
  const arrival = (text: string) =>
    until(`${text} arrives`, () => collector.accepted.some((batch) => batch.text.includes(text)));

  it("sends every event once and in order, in numbered batches of one window, without a preflight", async () => {
    await page.goto(example.url);
    await addTask("water the tea");
    await arrival("water the tea");
    await addTask("drink the tea");
    await arrival("drink the tea");
    await until("all is sent", () => events().length >= emitted.length);
    expect(events()).toEqual(emitted);
    expect(emitted.slice(0, 2).map(({ type }) => type)).toEqual([META, FULL_SNAPSHOT]);
    expect([...taken().keys()].sort((a, b) => a - b)).toEqual([...taken().keys()].map((_, at) => at));
    expect(new Set(collector.received.map(({ visitor, window }) => `${visitor} ${window}`)).size).toBe(1);
    expect(collector.unanswered).toEqual([]);
  });

  it("masks what is typed", async () => {
    await page.goto(example.url);
    await page.getByLabel("What is to be done?").pressSequentially("nobody knows");
    await page.getByRole("heading").click();
    await arrival("*".repeat("nobody knows".length));
    expect(collector.received.map(({ text }) => text).join()).not.toContain("nobody knows");
  });

  it("is the same visitor on its next page, and another window", async () => {
    await page.goto(example.url);
    await until("the first page's snapshot", () => events().length > 1);
    await page.reload();
    const windows = () => new Set(collector.accepted.map(({ window }) => window));
    await until("the second page's snapshot", () => windows().size > 1);
    expect(windows().size).toBe(2);
    expect(new Set(collector.accepted.map(({ visitor }) => visitor)).size).toBe(1);
  });

  it("sends what happened last when the tab is closed", async () => {
    await page.goto(example.url);
    await until("the snapshot", () => events().length > 1);
    await addTask("last words");
    await page.close({ runBeforeUnload: true });
    await arrival("last words");
  });
});

describe("the page that records with fetch", () => {
  it("sends a batch that was not taken again, with the same seq and events, as late as it is told", async () => {
    const collector = await FakeCollector.start();
    const example = await openExample("fetch", "write-key-1", { collector: collector.url });
    collector.answers = [{ status: 503, headers: { "Retry-After": "1" } }, { status: 429 }];
    await page.goto(example.url);
    await until("it is taken", () => collector.accepted.length > 0);
    expect(collector.received.slice(0, 3).map(({ seq, status }) => [seq, status])).toEqual([
      [0, 503],
      [0, 429],
      [0, 202],
    ]);
    expect(new Set(collector.received.slice(0, 3).map(({ text }) => text)).size).toBe(1);
    await context.close();
    await example.stop();
    await collector.stop();
  });
});

describe("the page that records with beacons", () => {
  it("compresses while it stays and says so in the query; what does not fit into a beacon comes all the same", async () => {
    const collector = await FakeCollector.start();
    const example = await openExample("beacon", "write-key-1", { collector: collector.url });
    await page.goto(example.url);
    await until("the snapshot", () => collector.accepted.length > 0);
    expect(new Set(collector.received.map(({ encoding }) => encoding))).toEqual(new Set(["gzip"]));
    // Of a kind that does not compress to 64 KiB.
    await page.evaluate(() => {
      const noise = Array.from({ length: 4 }, () => crypto.getRandomValues(new Uint16Array(32_768)));
      document.querySelector("ul")?.setAttribute("title", `large ${noise.join()}`);
    });
    await until("the large batch", () => collector.accepted.some(({ text }) => text.includes("large ")));
    await addTask("last words");
    await page.close({ runBeforeUnload: true });
    await until("the last", () => collector.accepted.some(({ text }) => text.includes("last words")));
    for (const { contentType, encoding } of collector.received) {
      expect(contentType).toBe(encoding === "" ? "text/plain;charset=UTF-8" : "");
    }
    expect(collector.unanswered).toEqual([]);
    await context.close();
    await example.stop();
    await collector.stop();
  });
});

describe("in the whole stack", () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack(GAP_MS);
  });
  afterAll(() => stack.stop());

  async function ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${stack.dashboardUrl}/v1${path}`, {
      headers: { Authorization: `Bearer ${stack.token}` },
    });
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  }

  /** Urls of the CORS preflights that the page's requests need. */
  async function preflights(): Promise<string[]> {
    const seen: string[] = [];
    const devTools = await context.newCDPSession(page);
    devTools.on("Network.requestWillBeSent", ({ request }) => {
      if (request.method === "OPTIONS") seen.push(request.url);
    });
    await devTools.send("Network.enable");
    return seen;
  }

  it.each(PAGES)("what %s sent comes back each event once, in order, and can be played", async (name) => {
    const example = await openExample(name, stack.writeKey, { collector: stack.collectorUrl });
    await page.goto("about:blank");
    const asked = await preflights();
    await page.goto(example.url);
    await addTask("water the tea");
    await addTask("drink the tea");
    const visitor = await page.evaluate(() => localStorage.getItem("visitor"));
    interface Session {
      session_id: string;
      visitor_id: string;
      events: number;
      replayable: boolean;
    }
    const session = await until("all of it is there", async () => {
      const { sessions } = await ask<{ sessions: Session[] }>(`/connections/${stack.connection}/sessions`);
      return sessions.find((one) => one.visitor_id === visitor && one.events >= emitted.length);
    });
    const back = await ask<{ events: Event[]; next_cursor: string | null }>(
      `/sessions/${session.session_id}/events`,
    );
    // By time, and of equals as they were emitted.
    expect(back.events).toEqual(emitted.toSorted((a, b) => a.timestamp - b.timestamp));
    expect(back.next_cursor).toBeNull();
    expect(session.replayable).toBe(true);
    expect(asked).toEqual([]);

    // So that the line before says something: a request that needs one is seen.
    const url = `${stack.collectorUrl}/v1/batches?key=none`;
    await page.evaluate(
      (to) => fetch(to, { method: "POST", headers: { "Content-Type": "application/json" }, body: "[]" }),
      url,
    );
    expect(asked).toEqual([url]);
    await example.stop();
  });
});
