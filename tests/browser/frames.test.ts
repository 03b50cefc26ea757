// What a replay shows, after the whole way through the stack, is what rrweb's own player shows of the file.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
      expect(shown, `${at - startAt} ms after its beginning`).toEqual(expected);
    }
  });
});
