// With `recorded_resources=allow` a recorded page's pictures and fonts come from the site, and nothing else does.
import { afterAll, beforeAll, expect, it } from "vitest";
import { HostileVisits } from "./hostileVisits";
import { WatchedPage } from "./watchedPage";

const STAGE = "[data-testid=stage]";
/** They ask for pictures, and two of them for more: to be told who looks, and to run code. */
const NAMES = ["nodes: meta referrer", "nodes: image with everything", "styles: background"];

let visits: HostileVisits;

beforeAll(async () => {
  visits = await HostileVisits.open(NAMES, { QUERY_API_RECORDED_RESOURCES: "allow" });
}, 240_000);
afterAll(() => visits.close());

it.each(NAMES)("%s calls its host, which is not told who looks at what, and nothing runs", async (name) => {
  const page = visits.named(name);
  const context = await visits.signedIn();
  const tab = await WatchedPage.open(context, STAGE, visits.stack.dashboardUrl);

  const notes = await tab.play(visits.addressOf(page));

  expect(await tab.said()).toBe("allow");
  const calls = visits.sink.calls.filter(({ host, head }) => host === page.host && head !== "");
  expect(calls.length).toBeGreaterThan(0);
  for (const { head } of calls) {
    expect(head).toMatch(/^GET /);
    expect(head).not.toMatch(/^(cookie|authorization):/im);
    // For what a style sheet loads Chromium goes by no page's policy, and may tell the origin.
    const told = /^referer: (.*)$/im.exec(head)?.[1] ?? null;
    const origin = `${new URL(visits.stack.dashboardUrl).origin}/`;
    expect(name.startsWith("styles") ? [null, origin] : [null]).toContain(told);
  }
  expect(notes.filter((note) => !note.startsWith("an answer from"))).toEqual([]);
  await context.close();
});
