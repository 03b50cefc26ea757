// @rrweb/browser-client 2.1.0, its real bundle in a real browser, against the whole stack: after sessionization its
// events are complete, each once, in order, whatever happened on the way.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { openSite, type Site } from "./officialClientSite";
import { metricOf, type OwnCollector } from "./ownCollector";
import { masked, viewOf, type PageView } from "./pageView";
import { startStack, type Stack } from "./stack";
import { Stored, type StoredEvent } from "./stored";
import { until } from "./waiting";
import { Way } from "./way";

/** No visit here is still for so long. */
const GAP_MS = 120_000;
const ARRIVES_MS = 90_000;
const POSTED = "playhead_collector_batches_total";

let stack: Stack;
let stored: Stored;
let site: Site;
let browser: Browser;
/** Makes clients that keep their events connect anew soon. */
let refreshing: OwnCollector;

/** What was started, ended in the reverse order. */
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  ends.push(() => stack.stop());
  stored = new Stored(stack);
  site = await openSite(stack.writeKey);
  ends.push(() => site.stop());
  refreshing = await stack.collectorBeside({ SOCKET_REFRESH_MS: "1000" });
  ends.push(() => refreshing.stop());
  browser = await launchChromium();
  ends.push(() => browser.close());
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** What a page does as it goes: whether the test is told of it, and the collector, is a matter of luck. */
const isOfItsGoing = (text: string) => text.includes('"tag":"page-hidden"');

/**
 * One browser's visit: its pages, and each event that their clients were given, as they wrote it, but for those of a
 * page's going.
 */
class Visit {
  readonly emitted = new Map<Page, string[]>();
  private constructor(readonly context: BrowserContext) {}

  static async begin(): Promise<Visit> {
    const visit = new Visit(await browser.newContext());
    ends.push(() => visit.context.close());
    await visit.context.exposeBinding("keepText", ({ page }, text: string) => {
      if (!isOfItsGoing(text)) visit.of(page).push(text);
    });
    await visit.context.addInitScript(() => {
      const tests = window as unknown as { keep(event: unknown): void; keepText(text: string): void };
      tests.keep = (event) => {
        tests.keepText(JSON.stringify(event));
      };
    });
    return visit;
  }

  of(page: Page): string[] {
    const texts = this.emitted.get(page) ?? [];
    this.emitted.set(page, texts);
    return texts;
  }

  async recordingId(page: Page): Promise<string> {
    return until("the client has an id", () =>
      page.evaluate(() => sessionStorage.getItem("rrweb-browser-client-recording-id")),
    );
  }
}

/** Type, click, move, as people do. */
async function use(page: Page, words = "tea"): Promise<void> {
  await page.mouse.move(100, 100);
  await page.getByLabel("Name").pressSequentially(words);
  await page.getByRole("button", { name: "More" }).click();
  await page.mouse.move(200, 150);
}

/** Everything that happened before has been emitted: a mark that comes after it. */
async function settle(visit: Visit, page: Page, mark: string): Promise<void> {
  // rrweb holds movements of the mouse back, for half a second; its timer is due before this one.
  await page.evaluate(() => new Promise((due) => setTimeout(due, 600)));
  await page.evaluate((text) => {
    (window as unknown as { add(text: string): void }).add(text);
  }, mark);
  await until(`${mark} is emitted`, () => visit.of(page).some((text) => text.includes(mark)));
}

const isOfTheClient = ({ type, data }: StoredEvent) => type === 5 && data.tag === "recording-meta";
const texts = (events: StoredEvent[]) => events.map((event) => JSON.stringify(event));

/**
 * The windows of the one session of a recording, once they hold what was emitted by then and the client's own. The
 * events of a page's going are left out.
 */
async function arrived(recording: string, emitted: () => number): Promise<Map<string, StoredEvent[]>> {
  let seen = "";
  try {
    return await until(
      "all that was emitted is stored",
      async () => {
        const sessions = await stored.sessionsOf(recording);
        const [session] = sessions;
        if (session === undefined) return null;
        expect(sessions).toHaveLength(1);
        const windows = await stored.windowsOf(session.session_id);
        for (const [window, events] of windows) {
          windows.set(
            window,
            events.filter((event) => !isOfItsGoing(JSON.stringify(event))),
          );
        }
        const events = [...windows.values()].flat();
        seen = `${events.length} of ${emitted()} events in ${windows.size} windows`;
        return events.filter((event) => !isOfTheClient(event)).length >= emitted() ? windows : null;
      },
      ARRIVES_MS,
    );
  } catch (error) {
    throw new Error(`${String(error)}: ${seen}`, { cause: error });
  }
}

/** A window holds what its page emitted and the client's own events of so many starts: each once, in order. */
function expectComplete(events: StoredEvent[] | undefined, emitted: string[], starts = 1): void {
  expect(events?.filter(isOfTheClient)).toHaveLength(starts);
  const times = events?.map(({ timestamp }) => timestamp) ?? [];
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(texts(events?.filter((event) => !isOfTheClient(event)) ?? [])).toEqual(emitted);
}

async function expectPlayable(recording: string): Promise<void> {
  const [session] = await stored.sessionsOf(recording);
  expect(session?.replayable).toBe(true);
}

const snapshotOf = (page: Page) => page.evaluate<PageView>(`(${viewOf.toString()})(document)`);

/** What the dashboard shows at the end of a recording's only window. */
async function expectReplayEndsWith(recording: string, view: PageView): Promise<void> {
  const [session] = await stored.sessionsOf(recording);
  const dashboard = await (await browser.newContext()).newPage();
  await dashboard.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
  await dashboard
    .locator(`[data-session-id="${session?.session_id ?? ""}"]`)
    .getByTestId("play-button")
    .click();
  const scrubber = dashboard.getByTestId("replay").getByTestId("scrubber");
  const replayed = () =>
    dashboard.evaluate<PageView | null>(`(() => {
      const page = document.querySelector("[data-testid=stage] iframe")?.contentDocument;
      return page?.body ? (${viewOf.toString()})(page) : null;
    })()`);
  await until("the replay shows the page's end", async () => {
    if (!(await scrubber.isVisible())) return false;
    await scrubber.fill((await scrubber.getAttribute("max")) ?? "0");
    return JSON.stringify(await replayed()) === JSON.stringify(masked(view));
  });
  await dashboard.context().close();
}

describe("over its socket", () => {
  it("a visit of two pages is complete, is one window, and plays", async () => {
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", stack.collectorUrl));
    const recording = await visit.recordingId(page);
    await use(page);
    await settle(visit, page, "the first page's end");
    const onTheFirst = visit.of(page).length;
    await arrived(recording, () => onTheFirst);

    // Not by a click, which the page would record while it goes.
    await page.goto(site.pageFor("second", stack.collectorUrl));
    await use(page, "more tea");
    await settle(visit, page, "the second page's end");
    expect(await visit.recordingId(page)).toBe(recording);
    const windows = await arrived(recording, () => visit.of(page).length);
    expect([...windows.keys()]).toEqual([recording]);
    expectComplete(windows.get(recording), visit.of(page), 2);
    await expectPlayable(recording);
    await expectReplayEndsWith(recording, await snapshotOf(page));
  });

  it("a page that was copied with window.open is a window of its own", async () => {
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", stack.collectorUrl));
    const recording = await visit.recordingId(page);
    await use(page);
    await settle(visit, page, "before the copy");
    await arrived(recording, () => visit.of(page).length);

    const opened = visit.context.waitForEvent("page");
    await page.evaluate((url) => window.open(url), site.pageFor("second", stack.collectorUrl));
    const copy = await opened;
    expect(await visit.recordingId(copy)).toBe(recording);
    await use(copy);
    await settle(visit, copy, "in the copy");
    await arrived(recording, () => visit.of(page).length + visit.of(copy).length);
    await use(page);
    await use(copy, "in turn");
    await settle(visit, page, "the end of the first");
    await settle(visit, copy, "the end of the copy");
    const windows = await arrived(recording, () => visit.of(page).length + visit.of(copy).length);
    expect([...windows.keys()].sort()).toEqual([recording, `${recording}-2`]);
    expectComplete(windows.get(recording), visit.of(page));
    expectComplete(windows.get(`${recording}-2`), visit.of(copy));
    await expectPlayable(recording);
  });

  it("two tabs are two recordings", async () => {
    const visit = await Visit.begin();
    const tabs = [await visit.context.newPage(), await visit.context.newPage()];
    for (const tab of tabs) await tab.goto(site.pageFor("first", stack.collectorUrl));
    for (const tab of tabs) await use(tab);
    for (const tab of tabs) {
      await settle(visit, tab, "the end");
      const recording = await visit.recordingId(tab);
      const windows = await arrived(recording, () => visit.of(tab).length);
      expectComplete(windows.get(recording), visit.of(tab));
      await expectReplayEndsWith(recording, await snapshotOf(tab));
    }
  });

  it("events over a million characters, which it posts by themselves, find their place", async () => {
    const posted = await metricOf(stack.collectorUrl, POSTED);
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    // Its full snapshot is one of them.
    await page.goto(site.pageFor("large", stack.collectorUrl));
    const recording = await visit.recordingId(page);
    await use(page);
    await page.evaluate(() => {
      (window as unknown as { add(text: string): void }).add("x".repeat(1_200_000));
    });
    await settle(visit, page, "after the large one");
    const windows = await arrived(recording, () => visit.of(page).length);
    expectComplete(windows.get(recording), visit.of(page));
    expect(visit.of(page).filter((text) => text.length > 1_000_000)).toHaveLength(2);
    expect(await metricOf(stack.collectorUrl, POSTED)).toBe(posted + 2);
    await expectPlayable(recording);
  });
});

describe("when its socket is lost", () => {
  it("cut in the middle, it keeps its events, and sends them each time that it is made to connect anew", async () => {
    const way = await Way.to(refreshing.url);
    ends.push(() => way.stop());
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", way.url));
    const recording = await visit.recordingId(page);
    await use(page);
    await settle(visit, page, "before the cut");
    await arrived(recording, () => visit.of(page).length);

    way.cut();
    await use(page, "kept");
    await settle(visit, page, "after the cut");
    await arrived(recording, () => visit.of(page).length);
    // It does not use the socket that it has now; the collector has to close it.
    await use(page, "kept again");
    await settle(visit, page, "the end");
    const windows = await arrived(recording, () => visit.of(page).length);
    expect([...windows.keys()]).toEqual([recording]);
    expectComplete(windows.get(recording), visit.of(page));
    expect(way.sockets).toBeGreaterThanOrEqual(3);
    await expectReplayEndsWith(recording, await snapshotOf(page));
  });

  it("with the collector away at first, what it kept comes with its first socket", async () => {
    const way = await Way.to(refreshing.url);
    ends.push(() => way.stop());
    way.refuse();
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", way.url));
    await until("it has tried", () => way.asked > 0);
    way.letThrough();
    const recording = await visit.recordingId(page);
    await use(page);
    await settle(visit, page, "the beginning");
    await arrived(recording, () => visit.of(page).length);
    await use(page, "later");
    await settle(visit, page, "the end");
    const windows = await arrived(recording, () => visit.of(page).length);
    expectComplete(windows.get(recording), visit.of(page));
    await expectPlayable(recording);
  });

  it("with the broker away behind it, it is told to keep its events, and each is there once in the end", async () => {
    const impatient = await stack.collectorBeside({ PUBLISH_TIMEOUT_MS: "500", RETRY_AFTER_S: "1" });
    ends.push(() => impatient.stop());
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    const told: string[] = [];
    let closed = 0;
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => told.push(String(payload)));
      socket.on("close", () => (closed += 1));
    });
    await page.goto(site.pageFor("first", impatient.url));
    const recording = await visit.recordingId(page);
    await use(page);
    await settle(visit, page, "before the broker is away");
    await arrived(recording, () => visit.of(page).length);
    expect(told).toEqual([]);

    stack.suspendBroker();
    await use(page, "on the way");
    await settle(visit, page, "sent, and not written");
    await until("it is told", () => told.length > 0);
    expect(told.map((text) => JSON.parse(text) as unknown)).toMatchObject([
      { type: "error", reason: "broker_unavailable", status: 503 },
    ]);
    // Nor is anything else taken, and no further socket.
    const other = await fetch(`${impatient.url}/recordings/another/events`, {
      method: "POST",
      headers: { Authorization: `Bearer ${stack.writeKey}`, "Content-Type": "application/x-ndjson" },
      body: '{"type":4,"data":{"href":"","width":1,"height":1},"timestamp":1}',
    });
    expect(other.status).toBe(503);
    await use(page, "kept");
    await settle(visit, page, "kept in the page");
    expect(closed).toBe(0);
    stack.resumeBroker();

    await until("the socket is closed, so that another brings what was kept", () => closed > 0);
    await use(page, "afterwards");
    await settle(visit, page, "the end");
    const windows = await arrived(recording, () => visit.of(page).length);
    expect([...windows.keys()]).toEqual([recording]);
    expectComplete(windows.get(recording), visit.of(page));
    await expectPlayable(recording);
  });

  it("a collector that is stopped and started again loses nothing that it read", async () => {
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", refreshing.url));
    const recording = await visit.recordingId(page);
    await use(page);
    await settle(visit, page, "before the stop");
    // Sent, and perhaps not written yet.
    await until(
      "it has read them",
      async () => (await refreshing.metric("playhead_collector_sockets_open")) > 0,
    );
    expect(await refreshing.stop()).toBe(0);
    await use(page, "meanwhile");
    await settle(visit, page, "while it was away");
    await refreshing.startAgain();
    await use(page, "afterwards");
    await settle(visit, page, "the end");
    const windows = await arrived(recording, () => visit.of(page).length);
    expectComplete(windows.get(recording), visit.of(page));
    await expectReplayEndsWith(recording, await snapshotOf(page));
  });
});

describe("when no socket opens", () => {
  it("it posts, with the earlier events again in each request, and each is there once", async () => {
    const way = await Way.to(stack.collectorUrl);
    ends.push(() => way.stop());
    way.refuseSockets();
    const posted = await metricOf(stack.collectorUrl, POSTED);
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", way.url));
    const recording = await visit.recordingId(page);
    // More than three requests of its loop.
    await page.evaluate(async () => {
      for (let i = 0; i < 40; i += 1) {
        (window as unknown as { add(text: string): void }).add(`${i} `.repeat(2_000));
        await new Promise((done) => setTimeout(done, 0));
      }
    });
    await settle(visit, page, "the end");
    const windows = await arrived(recording, () => visit.of(page).length);
    expectComplete(windows.get(recording), visit.of(page));
    expect(await metricOf(stack.collectorUrl, POSTED)).toBeGreaterThanOrEqual(posted + 3);
    await expectPlayable(recording);
  });

  it("a post that is refused is put back, and its events come once though some of them had arrived", async () => {
    // The first request of the loop is taken, the second, which holds its events too, is too large.
    const narrow = await stack.collectorBeside({ SOCKET_REFRESH_MS: "1000", MAX_BODY_BYTES: "100000" });
    ends.push(() => narrow.stop());
    const way = await Way.to(narrow.url);
    ends.push(() => way.stop());
    way.refuseSockets();
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", way.url));
    const recording = await visit.recordingId(page);
    await page.evaluate(async () => {
      for (let i = 0; i < 30; i += 1) {
        (window as unknown as { add(text: string): void }).add(`${i} `.repeat(2_000));
        await new Promise((done) => setTimeout(done, 0));
      }
    });
    await settle(visit, page, "posted");
    await until("one is accepted and one refused", async () => (await narrow.metric(POSTED)) >= 2);
    way.letThrough();
    await settle(visit, page, "the end");
    const windows = await arrived(recording, () => visit.of(page).length);
    expectComplete(windows.get(recording), visit.of(page));
    expect(await narrow.metric(`${POSTED}{outcome="accepted"}`)).toBe(1);
    expect(await narrow.metric(`${POSTED}{outcome="batch_too_large"}`)).toBe(1);
    await expectReplayEndsWith(recording, await snapshotOf(page));
  });

  it("what it kept is posted when its page goes away", async () => {
    const way = await Way.to(stack.collectorUrl);
    ends.push(() => way.stop());
    const visit = await Visit.begin();
    const page = await visit.context.newPage();
    await page.goto(site.pageFor("first", way.url));
    const recording = await visit.recordingId(page);
    await use(page);
    await settle(visit, page, "over the socket");
    await arrived(recording, () => visit.of(page).length);
    way.refuseSockets();
    await use(page, "kept");
    await settle(visit, page, "the end");
    const emitted = [...visit.of(page)];
    const end = await snapshotOf(page);
    await page.goto("about:blank");
    const windows = await arrived(recording, () => emitted.length);
    expectComplete(windows.get(recording), emitted);
    await expectReplayEndsWith(recording, end);
  });
});
