// What of a visitor leaves a real browser, and what does not; and that a page is as it was once recording has ended.
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./chromium";
import { FakeCollector } from "./fakeCollector";
import { fingerprint, type Difference } from "./fingerprint";
import { openShop } from "./shop";
import { Site } from "./site";
import { until } from "./waiting";

let browser: Browser;
let collector: FakeCollector;
let site: Site;
let context: BrowserContext;
let page: Page;
let pageErrors: Error[];

beforeAll(async () => {
  [browser, collector, site] = await Promise.all([launchChromium(), FakeCollector.start(), Site.open()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([collector.stop(), site.stop()]);
});
beforeEach(async () => {
  collector.clear();
  await fresh();
});
afterEach(async () => {
  await context.close();
});

/** Another browser, as far as the site can tell. */
async function fresh(): Promise<void> {
  context = await browser.newContext();
  pageErrors = [];
  context.on("weberror", (error) => pageErrors.push(error.error()));
  page = await context.newPage();
}

const tag = (attributes = "") =>
  `<script async src="${collector.recorderUrl}" data-key="write-key-1" ${attributes}></script>`;
const text = () => collector.received.map((batch) => batch.text).join("\n");
const events = () => collector.received.flatMap((batch) => batch.events);
const arrival = (words: string) => until(`${words} arrives`, () => text().includes(words));
const snapshots = (count = 1) =>
  until(`${count} snapshots`, () => events().filter(({ type }) => type === 2).length >= count);
const customs = (name: string) =>
  events()
    .filter(({ type, data }) => type === 5 && data.tag === name)
    .map(({ data }) => data.payload);
/** Asks for the connection's settings, and is through with them. */
const settled = async () => {
  await page.waitForResponse(/recorder-config/);
  await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
};

describe("what is on a page", () => {
  it("is recorded without what a visitor typed, what is private, and what stands in addresses", async () => {
    const types = ["text", "password", "email", "tel", "search", "url", "number", "date", "time", "color"];
    const values: Record<string, string> = {
      email: "secret-typed@a.example",
      url: "https://secret-typed.example",
      number: "4711.25",
      date: "1969-07-20",
      time: "04:17",
      color: "#a1b2c3",
    };
    const valueOf = (type: string) => values[type] ?? `secret-typed-${type}`;
    site.html = `${tag()}
      ${types.map((type) => `<input type="${type}" id="${type}" value="${valueOf(type)}">`).join("")}
      <textarea id="area">secret-area</textarea><div contenteditable id="edit">secret-edit</div>
      <select id="select"><option>first</option><option>second</option></select>
      <div data-private>secret-private</div><div class="rr-block"><b>secret-block</b></div>
      <p class="rr-mask" title="secret-title">secret-mask</p><p data-private="mask">secret-masked</p>
      <form class="rr-ignore"><input id="ignored"></form>
      <a href="/reset?token=secret-token&lang=en">reset</a><p>plain words</p>`;
    await page.goto(`${site.url}/in?session=secret-session&x=1`);
    await snapshots();
    for (const type of types) await page.fill(`#${type}`, valueOf(type));
    await page.fill("#number", "998877.5");
    await page.locator("#area").pressSequentially("secret-more");
    await page.locator("#edit").pressSequentially("secret-more");
    await page.fill("#ignored", "secret-ignored");
    await page.selectOption("#select", "second");
    await page.evaluate(() => {
      window.playhead?.stop();
      window.playhead?.start();
    });
    await snapshots(2);
    expect(text()).not.toContain("secret");
    expect(text()).not.toMatch(/4711|998877|1969-07-20|04:17|#a1b2c3/);
    expect(text()).toContain("plain words");
    expect(text()).toContain("/reset?token=***&lang=en");
    expect(text()).toContain("/in?session=***&x=1");
    // Zeros are a number, so a replay of the field shows them.
    expect(text()).toContain('"text":"00000000"');
    expect(
      await page.evaluate(
        () => Object.assign(document.createElement("input"), { type: "number", value: "000" }).value,
      ),
    ).toBe("000");
  });

  it("is masked whole where the tag or the connection says so, but for what is unmasked", async () => {
    const html = `<p>secret-text</p><img alt="secret-alt"><button>secret-button</button>
      <div class="public">seen-text <input value="seen-input"><input type="password" value="secret-pass"></div>`;
    for (const [attributes, config] of [
      [`data-mask-text data-unmask=".public"`, {}],
      [`data-unmask=".public"`, { mask_all_text: true }],
    ] as const) {
      collector.clear();
      collector.config = config;
      site.html = tag(attributes) + html;
      await fresh();
      await page.goto(site.url);
      await snapshots();
      expect(text()).toContain("seen-text");
      expect(text()).toContain("seen-input");
      expect(text()).not.toContain("secret");
      await context.close();
    }
    await fresh();
  });
});

describe("the address of a page, on the collector's own origin", () => {
  const path = "/orders/secret-path?secret=1";
  const hide = () =>
    page.evaluate(() => {
      Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
  const asked = (method: string, from: string) =>
    collector.asked.filter((request) => request.method === method && request.path === from);

  it("is told by no request of the recorder, of any kind; the origin is, which sites are admitted by", async () => {
    collector.site = tag();
    await page.goto(collector.url + path);
    await snapshots();
    await page.evaluate(() => window.playhead?.event("outliving"));
    await hide();
    await arrival("outliving");
    await page.evaluate(() => window.playhead?.event("last-words"));
    await page.goto("about:blank");
    await arrival("last-words");
    const posts = asked("POST", "/v1/batches");
    expect(posts.length).toBeGreaterThanOrEqual(3);
    expect(new Set(posts.map(({ referer }) => referer))).toEqual(new Set([undefined]));
    expect(new Set(posts.map(({ origin }) => origin))).toEqual(new Set([collector.url]));
    expect(asked("GET", "/v1/recorder-config").map(({ referer }) => referer)).toEqual([undefined]);
    // So that the lines before say something: the tag itself is the page's, and tells.
    expect(asked("GET", "/recorder.js")[0]?.referer).toBe(collector.url + path);
  });

  it.each([
    ["is told by beacons, for which there is no other way", "", true],
    ["is not where the page's own policy says so", `<meta name="referrer" content="no-referrer">`, false],
  ])("%s (of a browser whose fetch does not outlive a page)", async (_, head, told) => {
    await context.addInitScript(() => {
      delete (Request.prototype as { keepalive?: boolean }).keepalive;
    });
    collector.site = head + tag();
    await page.goto(collector.url + path);
    await snapshots();
    collector.asked.length = 0;
    await page.evaluate(() => window.playhead?.event("last-words"));
    await page.goto("about:blank");
    await arrival("last-words");
    expect(asked("POST", "/v1/batches").at(-1)?.referer).toBe(told ? collector.url + path : undefined);
  });
});

describe("who is recorded", () => {
  const sends = (name: "globalPrivacyControl" | "doNotTrack", value: unknown) =>
    context.addInitScript(
      ([property, sent]) => {
        Object.defineProperty(Navigator.prototype, property, {
          get: () => sent,
          configurable: true,
        });
      },
      [name, value] as const,
    );

  it.each([
    ["globalPrivacyControl", true, "", false],
    ["doNotTrack", "1", "", false],
    ["doNotTrack", "1", `data-signals="gpc"`, true],
    ["globalPrivacyControl", true, `data-signals="none"`, true],
    ["globalPrivacyControl", false, `data-consent="required"`, false],
  ] as const)("whose browser says %s=%s, with %s: %s", async (name, value, attributes, recorded) => {
    await sends(name, value);
    site.html = tag(attributes) + "<p>a page</p>";
    const asked = settled();
    await page.goto(site.url);
    await asked;
    if (recorded) {
      await snapshots();
      return;
    }
    expect(collector.received).toEqual([]);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    // Who says yes to this very site has said so.
    await page.evaluate(() => window.playhead?.consent(true));
    await snapshots();
  });

  it("is no longer who opted out: not here, not in another tab, not on the next page, until they opt in", async () => {
    site.html = tag() + "<p>a page</p>";
    await page.goto(site.url);
    await snapshots();
    const other = await context.newPage();
    await other.goto(site.url);
    await snapshots(2);
    await other.evaluate(() => window.playhead?.optOut());
    await until("this tab has heard it", () =>
      page.evaluate(() => Object.keys(sessionStorage).every((key) => !key.endsWith(".window"))),
    );
    collector.received.length = 0;
    await page.mouse.move(10, 10);
    await page.mouse.move(50, 50);
    const asked = settled();
    await page.reload();
    await asked;
    expect(collector.received).toEqual([]);
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual(["playhead.write-key-1.opted-out"]);
    await page.evaluate(() => window.playhead?.optIn());
    await snapshots();
  });

  it("is who is in the sample, of the connection's and the tag's the smaller", async () => {
    collector.config = { sample_rate: 1 };
    site.html = tag(`data-sample="0"`) + "<p>a page</p>";
    const asked = settled();
    await page.goto(site.url);
    await asked;
    expect(collector.received).toEqual([]);
  });
});

describe("an app that goes from page to page", () => {
  const app = `<main>home</main><script>
    addEventListener("popstate", () => show());
    function show() { document.querySelector("main").textContent = "page " + location.pathname; }
    function go(path) { history.pushState({}, "", path); show(); }
  </script>`;
  const go = (path: string) => page.evaluate(`go(${JSON.stringify(path)})`);

  it("has its moves recorded, of every kind and each once", async () => {
    site.html = tag(`data-scrub="order"`) + app;
    await page.goto(`${site.url}/`);
    await snapshots();
    await go("/tea?order=4711");
    await page.evaluate(() => {
      history.replaceState({}, "", "/tea/moon");
    });
    await page.evaluate(() => {
      location.hash = "leaves";
    });
    await page.goBack();
    await page.goBack();
    await until("five moves", () => customs("url-change").length >= 5);
    const hrefs = customs("url-change").map((payload) =>
      (payload as { href: string }).href.replace(site.url, ""),
    );
    expect(hrefs).toEqual(["/tea?order=***", "/tea/moon", "/tea/moon#leaves", "/tea/moon", "/"]);
    expect(text()).not.toContain("4711");
  });

  it("is not recorded where it may not be, and goes on with a picture of the page that comes after", async () => {
    site.html = tag(`data-deny="/account*"`) + app;
    await page.goto(`${site.url}/`);
    await snapshots();
    await go("/account/secret-orders");
    await page.evaluate(() => window.playhead?.event("secret-event"));
    await page.mouse.move(40, 40);
    await page.mouse.move(90, 90);
    await go("/tea");
    await snapshots(2);
    await arrival("page /tea");
    expect(text()).not.toMatch(/account|secret/);
  });
});

describe("errors", () => {
  const html = `<script>
    addEventListener("load", () => setTimeout(() => {
      console.error("no stock", { tea: "moon" });
      Promise.reject(new Error("late"));
      throw new TypeError("broken");
    }, 300));
  </script>`;

  it("are recorded where they are switched on, as rrweb's console plugin writes them", async () => {
    site.html = tag(`data-errors`) + html;
    await page.goto(site.url);
    await arrival("Uncaught TypeError: broken");
    await arrival("Error: late");
    const plugin = events()
      .filter(({ type }) => type === 6)
      .map(({ data }) => data);
    expect(plugin).toHaveLength(3);
    expect(plugin[0]).toMatchObject({
      plugin: "rrweb/console@1",
      payload: { level: "error", payload: ['"no stock"', '"{\\"tea\\":\\"moon\\"}"'] },
    });
    expect(JSON.stringify(plugin)).toContain(site.url);
    // They are the page's errors still.
    expect(pageErrors.map(({ message }) => message).sort()).toEqual(["broken", "late"]);
  });

  it("are not recorded where nobody asked for them", async () => {
    site.html = tag() + html;
    await page.goto(site.url);
    await snapshots();
    await until("the errors", () => pageErrors.length === 2);
    await page.evaluate(() => window.playhead?.event("after"));
    await arrival("after");
    expect(text()).not.toMatch(/no stock|broken/);
  });
});

describe("stop()", () => {
  it("leaves every function of the page, and every listener, as they were before", async () => {
    site.html = `${tag(`data-start="manual" data-errors`)}<style>p { color: red }</style>
      <div id="host"></div><canvas></canvas><video></video><input><textarea></textarea><select><option>1</option></select>
      <iframe src="about:blank"></iframe>`;
    await page.goto(site.url);
    await page.waitForFunction(() => window.playhead !== undefined);
    const session = await context.newCDPSession(page);
    const listenersBefore = await listeners(session);
    await page.evaluate(`(${fingerprint.toString()})("take")`);
    await page.evaluate(() => window.playhead?.start());
    await snapshots();
    const during = await page.evaluate<Difference[]>(`(${fingerprint.toString()})("compare")`);
    // It must be seen to have been there at all.
    expect(during.map(({ where }) => where)).toEqual(
      expect.arrayContaining([
        "History.prototype.pushState",
        "CSSStyleSheet.prototype.insertRule",
        "Element.prototype.attachShadow",
        "HTMLInputElement.prototype.value",
        "console.error",
      ]),
    );
    expect((await listeners(session)).length).toBeGreaterThan(listenersBefore.length);
    // All that makes rrweb reach further: shadow roots, style sheets, inputs, media.
    await page.evaluate(() => {
      document.querySelector("#host")?.attachShadow({ mode: "open" }).append("shadow");
      document.styleSheets[0]?.insertRule("b { color: blue }");
      Object.assign(document.querySelector("input") ?? {}, { value: "set" });
      document.body.append(document.createElement("canvas"));
    });
    await page.mouse.move(20, 20);
    await page.evaluate(() => {
      window.playhead?.event("last");
      window.playhead?.stop();
    });
    await arrival('"last"');
    await expect.poll(() => listeners(session), { timeout: 30_000 }).toEqual(listenersBefore);
    expect(await page.evaluate<Difference[]>(`(${fingerprint.toString()})("compare")`)).toEqual([]);
    const before = collector.received.length;
    await page.mouse.move(80, 80);
    await page.evaluate(() => {
      window.playhead?.event("after");
      history.pushState({}, "", "/after");
      document.body.append("after");
    });
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    expect(collector.received).toHaveLength(before);
    expect(pageErrors).toEqual([]);
  });

  it("has left fetch and XMLHttpRequest, canvases and storage alone all the while", async () => {
    site.html = tag(`data-start="manual" data-errors`);
    await page.goto(site.url);
    await page.waitForFunction(() => window.playhead !== undefined);
    await page.evaluate(`(${fingerprint.toString()})("take")`);
    await page.evaluate(() => window.playhead?.start());
    await snapshots();
    const during = await page.evaluate<Difference[]>(`(${fingerprint.toString()})("compare")`);
    const untouched =
      /fetch|XMLHttpRequest|Canvas|WebGL|Storage|WebSocket|EventTarget|Promise|sendBeacon|Worker|setTimeout/;
    expect(during.filter(({ where }) => untouched.test(where))).toEqual([]);
  });
});

/** Every listener of the window and of the document with all that is in it, as "where what". */
async function listeners(session: CDPSession): Promise<string[]> {
  const found: string[] = [];
  for (const expression of ["window", "document"]) {
    const { result } = await session.send("Runtime.evaluate", { expression });
    const answer = await session.send("DOMDebugger.getEventListeners", {
      objectId: result.objectId ?? "",
      depth: -1,
      pierce: true,
    });
    found.push(
      ...answer.listeners.map(
        ({ type, useCapture, passive, backendNodeId }) =>
          `${expression} ${backendNodeId ?? ""} ${type} ${useCapture} ${passive}`,
      ),
    );
  }
  return found.sort();
}

describe("the npm package", () => {
  it("records like the tag, and stops", async () => {
    site.html = `<script type="importmap">{ "imports": { "@playhead/recorder": "/recorder/index.js" } }</script>
      <script type="module">
        import { start, stop, event } from "@playhead/recorder";
        start({ key: "write-key-1", endpoint: "${new URL(".", collector.recorderUrl).href}", scrub: ["order"] });
        Object.assign(window, { stop, record: event });
      </script><p>bundled words</p><input value="secret-typed">`;
    await page.goto(`${site.url}/?order=secret-order`);
    await snapshots();
    await page.evaluate(`record("chat-message", "hello"); stop()`);
    await arrival('{"tag":"chat-message","payload":"hello"}');
    expect(text()).toContain("bundled words");
    expect(text()).not.toContain("secret");
  });
});

describe("a chat widget", () => {
  it("is recorded while it is open, with its messages, and not before or after", async () => {
    const shop = await openShop(collector.recorderUrl, "write-key-1", "widget");
    try {
      await page.goto(shop.url);
      await page.waitForFunction(() => window.playhead !== undefined);
      await page.getByLabel("Your bicycle").fill("before");
      expect(collector.received).toEqual([]);
      expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).toBe(0);

      await page.getByRole("button", { name: "Ask us" }).click();
      await snapshots();
      await page.getByLabel("Your message").pressSequentially("I have a puncture");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("twenty minutes").waitFor();
      await page.getByRole("button", { name: "Ask us" }).click();
      await arrival("chat-closed");
      expect(customs("chat-opened")).toHaveLength(1);
      expect(customs("chat-message")).toEqual([
        { from: "visitor", text: "I have a puncture" },
        { from: "shop", text: "A puncture takes us twenty minutes." },
      ]);
      // Typed letter by letter, the message is masked; sent, it is an event and the page's text.
      const typed = events().filter(({ type, data }) => type === 3 && data.source === 5);
      expect(typed.length).toBeGreaterThan(5);
      expect(JSON.stringify(typed)).not.toMatch(/I have|punc/);

      const before = collector.received.length;
      await page.getByLabel("Your bicycle").fill("after");
      await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
      expect(collector.received).toHaveLength(before);
    } finally {
      await shop.stop();
    }
  });
});
