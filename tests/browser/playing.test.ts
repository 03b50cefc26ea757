// Play, pause, the four speeds and the keys, on a clock that goes when the test says so.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { custom, headingSays, page as aPage, send } from "./madeVisits";
import { ReplayPage } from "./replayPage";
import { startStack, type Stack } from "./stack";
import { Stored } from "./stored";
import { until } from "./waiting";

const GAP_MS = 30_000;
const LENGTH_MS = 60_000;
/** rrweb goes by frames, and one may be cut off at either end. */
const FRAME_MS = 1_000 / 60;

let stack: Stack;
let browser: Browser;
let replay: ReplayPage;
let page: Page;
let session: string;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(GAP_MS);
  ends.push(() => stack.stop());
  browser = await launchChromium();
  ends.push(() => browser.close());
  const at = Date.now() - 10 * 60_000;
  // Somebody does something all the time, so that no pause is passed.
  const steps = Array.from({ length: LENGTH_MS / 1_000 }, (_, n) =>
    headingSays(at + n * 1_000 + 500, `${n}`),
  );
  const events = [
    ...aPage(at, "https://lantern-tea.example/", "Teas"),
    ...steps,
    custom(at + LENGTH_MS, "end", null),
  ];
  await send(stack, "ada", [{ window: "w", batches: { 0: events } }], "Mozilla/5.0");
  const stored = new Stored(stack);
  session = await until("the visit is stored", async () => {
    const [found] = await stored.sessionsOf("ada");
    return found?.events === events.length ? found.session_id : null;
  });
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const heading = () =>
  page.evaluate(() => document.querySelector("iframe")?.contentDocument?.querySelector("h1")?.textContent);
const label = () => replay.play.getAttribute("aria-label");

/** How far the replay has come while so many ms went by on the page's clock. */
async function cameIn(ms: number): Promise<number> {
  const before = await replay.positionMs();
  await page.clock.runFor(ms);
  return (await replay.positionMs()) - before;
}

describe("a replay", () => {
  beforeEach(async () => {
    replay = await ReplayPage.signIn(browser, stack);
    page = replay.page;
    page.setDefaultTimeout(10_000);
    await page.clock.install();
    await replay.open(session);
    await replay.pause();
    // From here on the page's time stands still unless it is moved.
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.getByTestId("scrubber").fill("10000");
    await page.clock.runFor(100);
    expect(await replay.positionMs()).toBe(10_000);
  });
  afterEach(() => page.context().close());

  const choose = (speed: number) => page.getByRole("radio", { name: `${speed}x`, exact: true }).check();

  it.each([0.5, 1, 2, 4])("plays at %s times the speed", async (speed) => {
    await choose(speed);
    await replay.play.click();
    await page.clock.runFor(100);
    const came = await cameIn(4_000);
    expect(Math.abs(came - speed * 4_000)).toBeLessThan(2 * FRAME_MS * speed + 1);
    // The page is where the time says.
    expect(Number(await heading())).toBe(Math.floor(((await replay.positionMs()) - 500) / 1_000));
  });

  it("goes on at another speed from where it is", async () => {
    await replay.play.click();
    await page.clock.runFor(1_000);
    const before = await replay.positionMs();
    await choose(4);
    expect(await replay.positionMs()).toBe(before);
    expect(Math.abs((await cameIn(1_000)) - 4_000)).toBeLessThan(200);
    expect(await label()).toBe("Pause");
  });

  it("stands still when it is paused, and goes on from there", async () => {
    await replay.play.click();
    expect(await label()).toBe("Pause");
    expect(await cameIn(2_000)).toBeGreaterThan(1_900);
    await replay.play.click();
    expect(await label()).toBe("Play");
    expect(await cameIn(2_000)).toBe(0);
    await replay.play.click();
    expect(await cameIn(2_000)).toBeGreaterThan(1_900);
  });

  it("is played, paused and moved by keys", async () => {
    await page.locator(".replay").focus();
    await page.keyboard.press("Space");
    expect(await label()).toBe("Pause");
    expect(await cameIn(1_000)).toBeGreaterThan(900);
    await page.keyboard.press("k");
    expect(await label()).toBe("Play");
    for (const [key, position] of [
      ["Home", 0],
      ["ArrowRight", 5_000],
      ["PageUp", 35_000],
      ["ArrowLeft", 30_000],
      ["PageDown", 0],
      ["End", LENGTH_MS],
    ] as const) {
      await page.keyboard.press(key);
      await page.clock.runFor(100);
      expect(await replay.positionMs(), key).toBe(position);
    }
    expect(Number(await heading())).toBe(LENGTH_MS / 1_000 - 1);
  });

  it("plays to its end, stops there, and begins anew", async () => {
    await page.getByTestId("scrubber").fill(String(LENGTH_MS - 2_000));
    await replay.play.click();
    await page.clock.runFor(4_000);
    expect([await replay.positionMs(), await label()]).toEqual([LENGTH_MS, "Play"]);
    await page.getByTestId("restart").click();
    await page.clock.runFor(1_000);
    expect(await label()).toBe("Pause");
    expect(await replay.positionMs()).toBeLessThan(1_500);
  });
});
