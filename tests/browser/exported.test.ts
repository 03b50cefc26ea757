// A session exported as a page: opened from a file, without a network, it plays as the dashboard does, and holds what
// is recorded in as the dashboard does.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { type Frame, frameOf, ReferencePlayer } from "./frame";
import { END_ID, hostilePages, type HostilePage, type RecordedEvent } from "./hostilePages";
import { viewOf, type PageView } from "./pageView";
import { root } from "./paths";
import { Sink } from "./sink";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";
import { WatchedPage } from "./watchedPage";

const STAGE = ".stage";
const RECORDING = root("examples/recordings", "admin-dashboard-0.jsonl.gz");
/** Of the corpus in hostilePages.test.ts: each of another kind. */
const HOSTILE = [
  "nodes: script in the body",
  "nodes: srcdoc",
  "nodes: nested frames with a document",
  "nodes: link preconnect",
  "nodes: text that ends a data block",
  'handlers of img {"src":"x:"}',
  "addresses in iframe src",
  "addresses in img src",
  "styles: an import of data",
  "events: a font by address",
  "strings: out of a script",
];

/** As much of rrweb-player as is used here. */
type PlayerOf = new (options: { target: Element; props: { events: unknown[]; autoPlay: boolean } }) => {
  addEventListener: (name: string, heard: () => void) => void;
};

let stack: Stack;
let sink: Sink;
let browser: Browser;
let folder: string;
let offline: BrowserContext;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "playhead-exported-"));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  stack = await startStack(30 * 60_000);
  ends.push(() => stack.stop());
  sink = await Sink.open(hostilePages(stack.dashboardUrl, Date.now()).map(({ host }) => host));
  ends.push(() => sink.stop());
  browser = await launchChromium(sink.hosts);
  ends.push(() => browser.close());
  offline = await browser.newContext({ viewport: { width: 1_280, height: 800 }, offline: true });
}, 240_000);
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

async function send(visitor: string, window: string, events: RecordedEvent[]): Promise<void> {
  const query = new URLSearchParams({ key: stack.writeKey, visitor, window, seq: "0" });
  const answer = await fetch(`${stack.collectorUrl}/v1/batches?${query}`, {
    method: "POST",
    body: JSON.stringify(events),
  });
  expect(answer.status).toBe(202);
}

const asked = (path: string) =>
  fetch(`${stack.dashboardUrl}${path}`, { headers: { Authorization: `Bearer ${stack.token}` } });

/** The visitor's session, once all of it has arrived. */
function sessionOf(visitor: string, events: number): Promise<string> {
  return until(`all of ${visitor} has arrived`, async () => {
    const answer = await asked(`/v1/connections/${stack.connection}/sessions?limit=200`);
    const { sessions } = (await answer.json()) as {
      sessions: { session_id: string; visitor_id: string; events: number; replayable: boolean }[];
    };
    const found = sessions.find((each) => each.visitor_id === visitor);
    return found?.replayable === true && found.events >= events ? found.session_id : null;
  });
}

async function exported(session: string, form: "html" | "json" | "ndjson", query = ""): Promise<string> {
  const answer = await asked(`/v1/sessions/${session}/export?form=${form}${query}`);
  expect(answer.status).toBe(200);
  const file = join(folder, `${session}.${form}`);
  await writeFile(file, Buffer.from(await answer.arrayBuffer()));
  return file;
}

/** A recording of examples/, moved so that it ends now. */
async function recorded(): Promise<RecordedEvent[]> {
  const events = gunzipSync(await readFile(RECORDING))
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RecordedEvent);
  const shift = Date.now() - 60_000 - (events.at(-1)?.timestamp ?? 0);
  return events.map((event) => ({ ...event, timestamp: event.timestamp + shift }));
}

async function ready(page: Page): Promise<number> {
  const replay = page.getByTestId("replay");
  const play = replay.getByTestId("replay-play");
  await until("it can be played", () => play.isEnabled());
  if ((await play.getAttribute("aria-label")) === "Pause") await play.click();
  const scrubber = replay.getByTestId("scrubber");
  return until("its length is known", async () => Number(await scrubber.getAttribute("max")) || null);
}

async function viewAt(page: Page, positionMs: number): Promise<PageView> {
  await page.getByTestId("scrubber").fill(String(positionMs));
  const time = page.getByTestId("current-time");
  await until(
    `it is at ${positionMs} ms`,
    async () =>
      Number(await time.getAttribute("data-position-ms")) === positionMs &&
      (await page.locator(STAGE).getAttribute("aria-busy")) !== "true",
  );
  return page.evaluate<PageView>(`(() => {
    const page = document.querySelector("${STAGE} iframe").contentDocument;
    return (${viewOf.toString()})(page);
  })()`);
}

describe("a visit of two windows", () => {
  let session: string;
  let events: RecordedEvent[];
  let file: string;

  beforeAll(async () => {
    events = await recorded();
    await send("visitor", "first", events);
    const later = hostilePages(stack.dashboardUrl, Date.now() - 50_000)[0]?.events ?? [];
    await send("visitor", "second", later);
    session = await sessionOf("visitor", events.length + later.length);
    file = await exported(session, "html");
  });

  it("plays from the file, frame for frame as in the dashboard", async () => {
    const context = await browser.newContext({ viewport: { width: 1_280, height: 800 } });
    const dashboard = await context.newPage();
    await dashboard.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
    await dashboard.getByRole("heading", { name: "Sessions" }).waitFor();
    await dashboard.goto(
      // At a moment: without one it would follow the visitor, who is still there.
      `${stack.dashboardUrl}/sessions/${session}?connection=${stack.connection}&window=first&at=${String(events[0]?.timestamp)}`,
    );
    const page = await offline.newPage();
    const letThrough: string[] = [];
    page.on("requestfailed", (request) => {
      // What the policy stops never gets as far as to miss the network.
      const why = request.failure()?.errorText ?? "";
      if (!/csp|ERR_BLOCKED/i.test(why)) letThrough.push(`${request.url()}: ${why}`);
    });
    page.on("response", (response) => {
      if (!/^(file|data|blob):/.test(response.url())) letThrough.push(response.url());
    });
    await page.goto(pathToFileURL(file).href);

    const totalMs = await ready(page);
    expect(await ready(dashboard)).toBe(totalMs);
    for (const part of [0, 0.25, 0.5, 1, 0.75]) {
      const positionMs = Math.round(part * totalMs);
      const [inFile, inDashboard] = [await viewAt(page, positionMs), await viewAt(dashboard, positionMs)];
      expect(inFile, `at ${positionMs} ms`).toEqual(inDashboard);
      expect(inFile.text.length).toBeGreaterThan(0);
    }
    expect(letThrough).toEqual([]);
    await page.close();
    await context.close();
  });

  it("plays by itself to its end, and shows its other window", async () => {
    const page = await offline.newPage();
    await page.goto(pathToFileURL(file).href);
    await until(
      "its two windows are there",
      async () => (await page.getByTestId("window-tab").count()) === 2,
    );
    await page.getByTestId("window-tab").nth(1).click();
    await until("its end is shown", () =>
      page.evaluate<boolean>(
        `document.querySelector("${STAGE} iframe")?.contentDocument?.getElementById("${END_ID}")?.id === "${END_ID}"`,
      ),
    );
    await page.close();
  });

  it("plays as JSON in rrweb-player, which shows what rrweb's player shows of the recording", async () => {
    const page = await (await browser.newContext({ viewport: { width: 1_280, height: 800 } })).newPage();
    const player = createRequire(import.meta.url).resolve("rrweb-player");
    const file = (name: string) => readFile(player.replace(/dist\/.*$/, `dist/${name}`), "utf8");
    await page.setContent("<!doctype html><body></body>");
    await page.addStyleTag({ content: await file("style.css") });
    await page.addScriptTag({ content: await file("rrweb-player.umd.min.cjs") });
    const given = JSON.parse(
      await readFile(await exported(session, "json", "&window=first"), "utf8"),
    ) as RecordedEvent[];
    const totalMs = (given.at(-1)?.timestamp ?? 0) - (given[0]?.timestamp ?? 0);
    await page.evaluate((all) => {
      const { rrwebPlayer } = globalThis as unknown as { rrwebPlayer: { Player: PlayerOf } };
      const player = new rrwebPlayer.Player({
        target: document.body,
        props: { events: all, autoPlay: false },
      });
      player.addEventListener("finish", () => {
        document.body.dataset.finished = "true";
      });
      Object.assign(globalThis, { player });
    }, given);

    const reference = await ReferencePlayer.open(browser);
    await reference.load(events);
    for (const part of [0.25, 0.75, 1, 0.5]) {
      const ms = Math.round(part * totalMs);
      const shown = await page.evaluate<Frame>(`(async () => {
        player.goto(${ms} + 1, false);
        await new Promise((done) => setTimeout(done, 50));
        return (${frameOf.toString()})(player.getReplayer().iframe.contentDocument);
      })()`);
      const expected = await reference.frameAt(ms);
      expect(expected.elements.length).toBeGreaterThan(20);
      expect(shown, `at ${ms} ms`).toEqual(expected);
    }
    // And by itself, from shortly before its end.
    await page.evaluate(`delete document.body.dataset.finished; player.goto(${totalMs - 500}, true)`);
    await page.locator("body[data-finished]").waitFor({ state: "attached" });
    await page.context().close();
  });

  it.each(["html", "json", "ndjson"] as const)("comes back from %s by `playhead import`", async (form) => {
    const visitor = `again-${form}`;
    const again = await exported(session, form, "&window=first");
    const collector = ["--collector", stack.collectorUrl, "--key", stack.writeKey];
    await promisify(execFile)(
      root(".venv/bin/playhead"),
      ["import", again, ...collector, "--visitor", visitor],
      {
        cwd: root(),
      },
    );
    const copy = await sessionOf(visitor, events.length);
    const text = async (one: string, window: string) =>
      (await asked(`/v1/sessions/${one}/export?form=ndjson${window}`)).text();
    expect(await text(copy, "")).toBe(await text(session, "&window=first"));
  });
});

describe("a hostile page in a file", () => {
  let pages: Map<string, HostilePage>;
  let tab: WatchedPage;

  beforeAll(async () => {
    pages = new Map(hostilePages(stack.dashboardUrl, Date.now() - 60_000).map((page) => [page.name, page]));
    // With a network, so that whoever calls is heard.
    tab = await WatchedPage.open(await browser.newContext(), STAGE, pathToFileURL(folder).href);
  });

  it.each(HOSTILE)("%s", async (name) => {
    const page = pages.get(name);
    if (page === undefined) throw new Error(`there is no page ${name}`);
    const visitor = page.host.replaceAll(".", "-");
    await send(visitor, "w", page.events);
    const session = await sessionOf(visitor, page.events.length);
    const file = await exported(session, "html");
    expect(await tab.play(pathToFileURL(file).href)).toEqual([]);
    expect(sink.of(page.host)).toEqual([]);
  });

  it("called nobody, also later", () => {
    expect(sink.calls.map(({ host, head }) => `${host} ${head}`)).toEqual([]);
  });
});
