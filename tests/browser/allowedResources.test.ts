// With `recorded_resources=allow` a recorded page's pictures and fonts come from the site, and nothing else does.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { hostilePages } from "./hostilePages";
import { HostileVisits } from "./hostileVisits";
import { Sink } from "./sink";
import { startStack, type Stack } from "./stack";
import { WatchedPage } from "./watchedPage";

const STAGE = "[data-testid=stage]";
/** They ask for pictures, and two of them for more: to be told who looks, and to run code. */
const NAMES = ["nodes: meta referrer", "nodes: image with everything", "styles: background"];

let stack: Stack;
let sink: Sink;
let browser: Browser;
let visits: HostileVisits;

const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  stack = await startStack(30 * 60_000, { QUERY_API_RECORDED_RESOURCES: "allow" });
  ends.push(() => stack.stop());
  const pages = hostilePages(stack.dashboardUrl, Date.now() - 60_000).filter(({ name }) =>
    NAMES.includes(name),
  );
  visits = new HostileVisits(stack, pages);
  sink = await Sink.open(pages.map(({ host }) => host));
  ends.push(() => sink.stop());
  browser = await launchChromium(sink.hosts);
  ends.push(() => browser.close());
  await visits.begin();
}, 240_000);
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

it.each(NAMES)("%s calls its host, which is not told who looks at what, and nothing runs", async (name) => {
  const page = visits.named(name);
  const context = await visits.signedIn(browser);
  const tab = await WatchedPage.open(context, STAGE, stack.dashboardUrl);

  const notes = await tab.play(visits.addressOf(page));

  expect(await tab.said()).toBe("allow");
  const calls = sink.calls.filter(({ host, head }) => host === page.host && head !== "");
  expect(calls.length).toBeGreaterThan(0);
  for (const { head } of calls) {
    expect(head).toMatch(/^GET /);
    expect(head).not.toMatch(/^(cookie|authorization):/im);
    // For what a style sheet loads Chromium goes by no page's policy, and may tell the origin.
    const told = /^referer: (.*)$/im.exec(head)?.[1] ?? null;
    const origin = `${new URL(stack.dashboardUrl).origin}/`;
    expect(name.startsWith("styles") ? [null, origin] : [null]).toContain(told);
  }
  expect(notes.filter((note) => !note.startsWith("an answer from"))).toEqual([]);
  await context.close();
});
