// An hour-long session: it starts with little, is sought without being loaded, and is never held whole.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { ReferencePlayer } from "./frame";
import {
  endingAt,
  exampleRecordings,
  FULL_SNAPSHOT,
  inBatches,
  longAgo,
  type RecordedEvent,
  Sender,
  sessionOf,
} from "./recordings";
import { ReplayPage } from "./replayPage";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";

const GAP_MS = 1_800_000;
const MIB = 1024 * 1024;
/** A minute of somebody doing something, and two in which they do not. */
const ROUNDS = 20;
const ROUND_MS = 180_000;

/** What may be held, as the dashboard says in held.ts: 8 MiB on either side, and a page and a snapshot's part more. */
const MOST_HELD_BYTES = 22 * MIB;

const VISITOR = "an-hour";
const LOST = "first-part-lost";

const recording = exampleRecordings()[2]?.events ?? [];
const end = Date.now() - 2 * 3_600_000;
/** From its own first snapshot to its last event, again and again. */
const rounds: RecordedEvent[][] = Array.from({ length: ROUNDS }, (_, round) =>
  endingAt(recording, end - (ROUNDS - 1 - round) * ROUND_MS),
);
const hour = rounds.flat();
const textBytes = hour.reduce((sum, event) => sum + JSON.stringify(event).length + 1, 0);

const snapshotsOf = (events: readonly RecordedEvent[]) =>
  events.filter(({ type }) => type === FULL_SNAPSHOT).map(({ timestamp }) => Math.floor(timestamp));

const lostPart = longAgo(recording);
const lostBatches = inBatches(lostPart);
const keptFrom = lostBatches.findIndex((batch) => snapshotsOf(batch).length > 0) + 1;
const kept = lostBatches.slice(keptFrom).flat();

let stack: Stack;
let browser: Browser;
let replay: ReplayPage;
let session: string;
let startAt: number;
/** Length of the answers with events since it was set to 0. */
let loadedBytes = 0;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  ends.push(() => stack.stop());
  browser = await launchChromium();
  ends.push(() => browser.close());
  await Promise.all([
    new Sender(stack, VISITOR).sendAll(hour),
    new Sender(stack, LOST, keptFrom).sendAll(kept),
  ]);
  session = await sessionOf(stack, VISITOR, hour.length, "completed");
  startAt = snapshotsOf(hour)[0] ?? 0;
  replay = await ReplayPage.signIn(browser, stack);
  replay.page.on("response", (response) => {
    if (!new URL(response.url()).pathname.endsWith("/events")) return;
    void response.body().then(
      (body) => {
        loadedBytes += body.length;
      },
      // A page that is no more wanted is given up.
      () => undefined,
    );
  });
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

/** Until nothing is asked for any more. */
async function idle(): Promise<void> {
  await replay.page.waitForLoadState("networkidle");
}

describe("an hour-long session", () => {
  it("plays after a small first page, and knows how long it is before it is loaded", async () => {
    await replay.open(session);
    await replay.pause();
    expect(replay.asked[0]).toContain(`limit_bytes=${MIB / 4}`);
    expect(replay.asked[0]).not.toContain("at=");
    expect(await replay.totalMs()).toBe(Math.floor(hour.at(-1)?.timestamp ?? 0) - startAt);
    await idle();
    const held = await replay.held();
    expect(held.bytes).toBeLessThan(MOST_HELD_BYTES);
    expect(held.events).toBeLessThan(hour.length / 2);
    expect(held.events).toBeGreaterThan(0);
    expect(textBytes).toBeGreaterThan(MOST_HELD_BYTES);
  });

  it("is loaded from the snapshot before a moment that is sought, and from nowhere else", async () => {
    const middle = rounds[ROUNDS / 2] ?? [];
    const at = (snapshotsOf(middle)[1] ?? 0) + 2_000;
    const before = replay.asked.length;
    loadedBytes = 0;
    await replay.seek(at - startAt);
    expect(replay.asked[before]).toContain(`at=${at}`);
    expect(replay.asked[before]).toContain(`limit_bytes=${MIB / 4}`);

    const reference = await ReferencePlayer.open(browser);
    await reference.load(middle);
    const expected = await reference.frameAt(at - (middle[0]?.timestamp ?? 0));
    expect(expected.elements.length).toBeGreaterThan(20);
    expect(await replay.frame()).toEqual(expected);

    await idle();
    expect(replay.asked.slice(before + 1).every((query) => query.includes("cursor="))).toBe(true);
    expect(loadedBytes).toBeGreaterThan(0);
    expect(loadedBytes).toBeLessThan(textBytes / 2);
  });

  it("asks for nothing when one seeks within what is loaded", async () => {
    const before = replay.asked.length;
    const ms = await replay.positionMs();
    for (const by of [5_000, -1_000, 20_000]) await replay.seek(ms + by);
    expect(replay.asked.slice(before).filter((query) => query.includes("at="))).toEqual([]);
  });

  it("is never held whole, however it is sought through", async () => {
    const total = await replay.totalMs();
    const seen: number[] = [];
    for (const part of [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1, 0.4, 0]) {
      await replay.seek(Math.round(total * part));
      const held = await replay.held();
      expect(held.bytes).toBeLessThan(MOST_HELD_BYTES);
      expect(held.events).toBeLessThan((hour.length * MOST_HELD_BYTES) / textBytes);
      seen.push(held.bytes);
    }
    expect(Math.min(...seen)).toBeGreaterThan(0);
  });

  it("passes what nobody does anything in", async () => {
    const idleFrom = Math.floor(rounds[0]?.at(-1)?.timestamp ?? 0) - startAt + 1_000;
    const idleUntil = Math.floor(rounds[1]?.[0]?.timestamp ?? 0) - startAt;
    expect(idleUntil - idleFrom).toBeGreaterThan(100_000);
    await replay.seek(idleFrom);
    await replay.page.getByTestId("skip-inactivity").click();
    await replay.play.click();
    await until("the pause is passed", async () => (await replay.positionMs()) > idleUntil - 5_000);
    await replay.pause();
    await replay.page.getByTestId("skip-inactivity").click();
  });
});

describe("a session whose first part is lost", () => {
  it("plays from its first snapshot, and says so", async () => {
    const lost = await sessionOf(stack, LOST, kept.length, "completed");
    await replay.open(lost);
    await replay.pause();
    const from = snapshotsOf(kept)[0] ?? 0;
    expect(await replay.page.getByTestId("plays-from").textContent()).toContain(
      "The first part of this window is lost",
    );
    expect(await replay.totalMs()).toBe(Math.floor(kept.at(-1)?.timestamp ?? 0) - from);
    expect(replay.asked[0]).toContain(`at=${from}`);
    await replay.seek(500);
    expect((await replay.frame()).elements.length).toBeGreaterThan(20);
  });
});
