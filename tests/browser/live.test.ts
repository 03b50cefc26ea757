// A visitor who is there, seen while they do it; the collector, or the query API, is fed step by step.
import { existsSync, readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { FakeQueryApi } from "./fakeQueryApi";
import { root } from "./paths";
import { type RecordedEvent, Sender, sessionOf } from "./recordings";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";

const page = (at: number, text: string): RecordedEvent[] => [
  { type: 4, data: { href: "https://shop.example/", width: 800, height: 600 }, timestamp: at },
  {
    type: 2,
    data: {
      node: {
        type: 0,
        id: 1,
        childNodes: [
          {
            type: 2,
            id: 2,
            tagName: "html",
            attributes: {},
            childNodes: [
              { type: 2, id: 3, tagName: "head", attributes: {}, childNodes: [] },
              {
                type: 2,
                id: 4,
                tagName: "body",
                attributes: {},
                childNodes: [{ type: 3, id: 5, textContent: text }],
              },
            ],
          },
        ],
      },
      initialOffset: { left: 0, top: 0 },
    },
    timestamp: at,
  },
];

const change = (at: number, text: string): RecordedEvent => ({
  type: 3,
  data: { source: 0, texts: [{ id: 5, value: text }], attributes: [], removes: [], adds: [] },
  timestamp: at,
});

const GAP_MS = 20_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
});

const textOf = (dashboard: Page) =>
  dashboard.evaluate<string>(
    `document.querySelector("[data-testid=stage] iframe")?.contentDocument?.body?.textContent?.trim() ?? ""`,
  );
const shows = (dashboard: Page, text: string) =>
  until(`the replay shows "${text}"`, async () => (await textOf(dashboard)) === text);
const liveStatus = (dashboard: Page, text: RegExp) =>
  until(`it says ${String(text)}`, async () =>
    text.test((await dashboard.getByTestId("live-status").textContent()) ?? ""),
  );

describe("following a visitor", () => {
  let api: FakeQueryApi;
  let dashboard: Page;
  const startedAt = Date.now() - 60_000;

  beforeAll(async () => {
    api = await FakeQueryApi.open();
    api.arrive(page(startedAt, "The beginning"));
    api.arrive([change(startedAt + 10_000, "A little later")]);
    api.arrive(page(startedAt + 50_000, "Another page"));
    dashboard = await (await browser.newContext()).newPage();
    await dashboard.goto(api.url);
  });
  afterAll(async () => {
    await api.stop();
  });

  it("shows what they see now, from the newest full snapshot, and how far behind that is", async () => {
    await shows(dashboard, "Another page");
    await liveStatus(dashboard, /^Live, \d+ s behind$/);
    expect(api.heard).toEqual([null]);
    expect(api.asked).toEqual([]);
  });

  it("shows what they do next, as it arrives", async () => {
    api.arrive([change(Date.now(), "They have typed something")]);
    await shows(dashboard, "They have typed something");
  });

  it("is left by going back, which loads what is not held", async () => {
    const scrubber = dashboard.getByTestId("scrubber");
    await scrubber.fill("12000");
    await shows(dashboard, "A little later");
    expect(api.asked.length).toBeGreaterThan(0);
    await liveStatus(dashboard, /The visitor is still here/);
    api.arrive([change(Date.now(), "Unseen for now")]);
  });

  it("is taken up again by going live", async () => {
    await until("one may go live", () => dashboard.getByTestId("go-live").isEnabled());
    await dashboard.getByTestId("go-live").click();
    await shows(dashboard, "Unseen for now");
    await liveStatus(dashboard, /^Live, \d+ s behind$/);
  });

  it("comes back when the connection is lost, behind what it has heard", async () => {
    const before = api.heard.length;
    api.breakStreams();
    await until("it has come back", () => api.heard.length > before);
    expect(api.heard.at(-1)).toBe("3-4");
    api.arrive([change(Date.now(), "After the break")]);
    await shows(dashboard, "After the break");
    await liveStatus(dashboard, /^Live, \d+ s behind$/);
  });

  it("ends when the session is completed, and plays to its end", async () => {
    api.arrive([change(Date.now(), "Goodbye")]);
    await shows(dashboard, "Goodbye");
    api.complete();
    await until(
      "nothing says that it is live",
      async () => (await dashboard.getByTestId("live-status").count()) === 0,
    );
    await until(
      "it has come to its end",
      async () => (await dashboard.getByTestId("replay-play").getAttribute("aria-label")) === "Play",
    );
    expect(await textOf(dashboard)).toBe("Goodbye");
  });
});

describe("a query API that tells of nobody live", () => {
  it("is played from what is stored, which grows", async () => {
    const api = await FakeQueryApi.open();
    const startedAt = Date.now() - 60_000;
    api.refusesLive = true;
    api.arrive([...page(startedAt, "The beginning"), change(startedAt + 500, "The end so far")]);
    const dashboard = await (await browser.newContext()).newPage();
    await dashboard.goto(api.url);
    await shows(dashboard, "The end so far");
    expect(await dashboard.getByTestId("live-status").count()).toBe(0);
    api.arrive([change(startedAt + 900, "More")]);
    await shows(dashboard, "More");
    await dashboard.context().close();
    await api.stop();
  });
});

const document = JSON.parse(readFileSync(root("services/query-api/openapi.json"), "utf8")) as {
  paths: object;
};
const isBuilt = "/v1/sessions/{session_id}/live" in document.paths && existsSync(root(".venv/bin/playhead"));

describe.skipIf(!isBuilt)("a visitor, through the whole stack", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack(GAP_MS);
  });
  afterAll(async () => {
    await stack.stop();
  });

  it("is followed from the collector to the screen, until the session is completed", async () => {
    const visitor = new Sender(stack, "someone");
    await visitor.send(page(Date.now(), "The beginning"));
    const session = await sessionOf(stack, "someone", 2, "active");
    let steps = 0;
    const step = async () => {
      steps += 1;
      await visitor.send([change(Date.now(), `Step ${steps}`)]);
    };
    await step();
    const dashboard = await (await browser.newContext()).newPage();
    const address = `${stack.dashboardUrl}/sessions/${session}?connection=${stack.connection}`;
    await dashboard.goto(`${address}#token=${stack.token}`);
    const status = dashboard.getByTestId("live-status");
    await until("it is live", async () => {
      // Somebody who does nothing would be gone.
      await step();
      return (await status.allTextContents()).some((text) => text.startsWith("Live, "));
    });
    await step();
    await shows(dashboard, `Step ${steps}`);
    await until("it is over", async () => (await status.count()) === 0, 90_000);
    expect(await textOf(dashboard)).toBe(`Step ${steps}`);
  });
});
