// What a replay shows, after the whole way through the stack, is what rrweb's own player shows of the file.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { momentsOf, ReferencePlayer } from "./frame";
import {
  exampleRecordings,
  FULL_SNAPSHOT,
  longAgo,
  type RecordedEvent,
  rrwebDemoEvents,
  Sender,
  sessionOf,
} from "./recordings";
import { ReplayPage } from "./replayPage";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";

const GAP_MS = 1_800_000;
const MOMENTS = 6;

const recordings = [...exampleRecordings(), { name: "rrweb's demo events", events: rrwebDemoEvents() }].map(
  ({ name, events }, index) => ({ name, visitor: `recording-${index}`, events: longAgo(events) }),
);

let stack: Stack;
let browser: Browser;
let replay: ReplayPage;
let reference: ReferencePlayer;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  ends.push(() => stack.stop());
  browser = await launchChromium();
  ends.push(() => browser.close());
  await Promise.all(recordings.map(({ visitor, events }) => new Sender(stack, visitor).sendAll(events)));
  replay = await ReplayPage.signIn(browser, stack);
  reference = await ReferencePlayer.open(browser);
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const playableAt = (events: readonly RecordedEvent[]) =>
  Math.floor(events.find(({ type }) => type === FULL_SNAPSHOT)?.timestamp ?? 0);

describe.each(recordings)("$name", ({ visitor, events }) => {
  it("shows at every moment what rrweb's own player shows of the file", async () => {
    const session = await sessionOf(stack, visitor, events.length, "completed");
    const startAt = playableAt(events);
    const fileStartAt = events[0]?.timestamp ?? 0;
    await reference.load(events);
    await replay.open(session, startAt);
    expect(await replay.totalMs()).toBe(Math.floor(events.at(-1)?.timestamp ?? 0) - startAt);
    const moments = momentsOf(events, MOMENTS);
    // Forwards, and one back: a frame must not depend on where one comes from.
    for (const at of [...moments, ...moments.slice(1, 2)]) {
      await replay.seek(at - startAt);
      const [shown, expected] = [await replay.frame(), await reference.frameAt(at - fileStartAt)];
      expect(expected.elements.length).toBeGreaterThan(20);
      expect(expected.sheets.join().length).toBeGreaterThan(100);
      expect(shown, `${at - startAt} ms after its beginning`).toEqual(expected);
    }
  });
});

describe("opened from the list, by who rested on its row", () => {
  const [{ visitor, events } = { visitor: "", events: [] }] = recordings;
  const WORKER = "**/adapting.worker*.js";
  const MARK = "/* by the worker */";
  /** What rrweb itself puts into a page. */
  const OF_RRWEB = /^$|rrweb-paused/;
  let shown: ReplayPage;

  beforeEach(async () => {
    shown = await ReplayPage.signIn(browser, stack);
    await reference.load(events);
  });
  afterEach(() => shown.page.context().close());

  const open = async () => {
    const session = await sessionOf(stack, visitor, events.length, "completed");
    const row = shown.page.locator(`[data-session-id="${session}"]`);
    await row.hover();
    await row.click();
    await until("it can be played", () => shown.play.isEnabled());
  };
  const beginning = async () => {
    await shown.pause();
    await shown.seek(0);
    return shown.frame();
  };
  const expected = () => reference.frameAt(playableAt(events) - Math.floor(events[0]?.timestamp ?? 0));

  it("is the same, with its style sheets adapted by a worker", async () => {
    await open();
    expect(shown.page.workers().map((worker) => worker.url())).toEqual([
      expect.stringContaining("adapting.worker"),
    ]);
    expect(await beginning()).toEqual(await expected());
  });

  it("has all of them from there, however long it takes", async () => {
    const slow = `addEventListener("message", ({ data }) => {
      setTimeout(() => postMessage([data, data + "${MARK}"]), 500);
    });`;
    await shown.page.route(WORKER, (route) => route.fulfill({ contentType: "text/javascript", body: slow }));
    await open();
    const recorded = (await beginning()).sheets.filter((sheet) => !OF_RRWEB.test(sheet));
    expect(recorded.length).toBeGreaterThanOrEqual(2);
    expect(recorded.filter((sheet) => !sheet.endsWith(MARK))).toEqual([]);
  });

  it("is drawn without it where it cannot be had", async () => {
    await shown.page.route(WORKER, (route) => route.abort());
    await open();
    expect(shown.page.workers()).toEqual([]);
    expect(await beginning()).toEqual(await expected());
  });

  it("shows its first frame before there is a second page", async () => {
    let askedAgain = false;
    await shown.page.route("**/events?*cursor=*", () => {
      // Never answered.
      askedAgain = true;
    });
    await open();
    await until("more is asked for", () => Promise.resolve(askedAgain));
    expect(await shown.positionMs()).toBe(0);
    const frame = await shown.frame();
    expect(frame.elements.length).toBeGreaterThan(20);
    expect(frame.text).toEqual((await expected()).text);
  });
});
