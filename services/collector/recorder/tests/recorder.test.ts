// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { apiOf } from "../src/api";
import { Recorder } from "../src/recorder";
import { browserStore, noStore } from "../src/storage";
import { withMemory } from "../src/memoryFallback";
import { config, FakeCollector, refusal, settings } from "./builders";

let collector: FakeCollector;
let recorder: Recorder;

const pages: Recorder[] = [];

const newPage = (overrides: Partial<typeof settings> = {}, asksForPrivacy = false) => {
  const stores = {
    local: browserStore("localStorage", settings.key),
    session: browserStore("sessionStorage", settings.key),
  };
  const page = new Recorder({ ...settings, ...overrides }, stores, asksForPrivacy);
  pages.push(page);
  return page;
};
const move = () => document.body.dispatchEvent(new MouseEvent("click", { bubbles: true }));
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
/** Long enough for the open batch to close. */
const passUntilSent = async (ms = 2_500) => {
  await pass(ms);
  await pass(0);
};

/** How many listeners the window and the document have more than now. */
const listenersOfTheWindow = () => {
  const seen = { count: 0 };
  for (const target of [window, document] as EventTarget[]) {
    const add = target.addEventListener.bind(target);
    const remove = target.removeEventListener.bind(target);
    vi.spyOn(target, "addEventListener").mockImplementation((...args) => {
      seen.count += 1;
      add(...args);
    });
    vi.spyOn(target, "removeEventListener").mockImplementation((...args) => {
      seen.count -= 1;
      remove(...args);
    });
  }
  return seen;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  // gzip takes its time outside of the fake clock; compress.test.ts has it for real.
  vi.stubGlobal("CompressionStream", undefined);
  localStorage.clear();
  sessionStorage.clear();
  document.body.innerHTML = "<p>page</p>";
  collector = new FakeCollector();
  recorder = newPage();
});
afterEach(async () => {
  // Each is left as a page is left: rrweb knows only one recording.
  for (const page of pages.splice(0)) page.stop();
  await pass(1_000);
  vi.useRealTimers();
});

describe("a page with the recorder", () => {
  it("sends its first snapshot, then what happens, numbered", async () => {
    recorder.start();
    await passUntilSent(0);
    expect(collector.seqs()).toEqual([0]);
    expect(JSON.parse(collector.sent[0]?.text ?? "")).toMatchObject([{ type: 4 }, { type: 2 }]);
    move();
    await passUntilSent();
    expect(collector.seqs()).toEqual([0, 1]);
    expect(collector.text()).toContain('"source":2');
  });

  it("adds the site's own events", async () => {
    recorder.start();
    await pass(0);
    recorder.event("chat", { text: "hello" });
    await passUntilSent();
    expect(collector.text()).toContain('{"tag":"chat","payload":{"text":"hello"}}');
  });

  it("sends what was recorded before stop(), and nothing after; start() goes on in the same window", async () => {
    recorder.start();
    await passUntilSent(0);
    move();
    recorder.stop();
    move();
    await passUntilSent();
    expect(collector.seqs()).toEqual([0, 1]);
    recorder.start();
    await passUntilSent(0);
    expect(collector.seqs()).toEqual([0, 1, 2]);
    expect(new Set(collector.sent.map(({ query }) => query.get("window"))).size).toBe(1);
  });
});

describe("the connection's settings", () => {
  it("are waited for, since they say what is masked", async () => {
    collector.config = refusal(503);
    recorder.start();
    await passUntilSent();
    expect(collector.sent).toEqual([]);
    collector.config = Response.json({ ...config, mask_all_text: true });
    await passUntilSent(5_000);
    expect(collector.text()).toContain("****");
    expect(collector.text()).not.toContain('"page"');
  });

  it("are remembered for the tab's next page", async () => {
    recorder.start();
    await passUntilSent(0);
    recorder.leave();
    recorder.stop();
    collector.config = refusal(503);
    collector.sent.length = 0;
    recorder = newPage();
    recorder.start();
    await passUntilSent(0);
    expect(collector.text()).toContain('"type":2');
  });

  it.each([
    ["the connection does not record", { record: false }],
    ["the visitor is not in the sample", { sample_rate: 0 }],
  ])("are kept: nothing is sent where %s", async (_, overrides) => {
    collector.config = Response.json({ ...config, ...overrides });
    recorder.start();
    move();
    await passUntilSent(10_000);
    expect(collector.sent).toEqual([]);
  });

  it("end the recorder where the key is refused, without asking again", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    collector.config = refusal(401);
    recorder.start();
    await passUntilSent(600_000);
    expect(collector.configRequests).toBe(1);
    expect(collector.sent).toEqual([]);
  });
});

describe("consent", () => {
  it.each([
    ["the site asks", { consentRequired: true }, {}, false],
    ["the connection asks", {}, { consent_required: true }, false],
    ["the browser asks", {}, {}, true],
  ])("where %s: nothing is stored or sent before it is given", async (_, own, theirs, asksForPrivacy) => {
    recorder = newPage(own, asksForPrivacy);
    collector.config = Response.json({ ...config, ...theirs });
    recorder.start();
    await passUntilSent();
    expect(collector.sent).toEqual([]);
    expect(localStorage.length).toBe(0);
    recorder.consent(true);
    await passUntilSent(0);
    expect(collector.seqs()).toEqual([0]);
    expect(collector.sent[0]?.query.get("consent")).toBe("1");
  });

  it("is remembered", async () => {
    recorder.consent(true);
    recorder = newPage({ consentRequired: true });
    recorder.start();
    await passUntilSent(0);
    expect(collector.seqs()).toEqual([0]);
  });

  it("withdrawn: stops, drops what was not sent, forgets the visitor, and is remembered", async () => {
    recorder.start();
    await passUntilSent(0);
    move();
    recorder.consent(false);
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
    expect(Object.keys(localStorage)).toEqual(["playhead.write-key-1.consent"]);
    expect(sessionStorage.getItem("playhead.write-key-1.window")).toBeNull();
    recorder = newPage();
    recorder.start();
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
  });

  it.each([
    [
      "said again",
      () => {
        recorder.consent(false);
      },
    ],
    [
      "remembered",
      () => {
        localStorage.setItem("playhead.write-key-1.consent", "refused");
        recorder = newPage();
        recorder.start();
      },
    ],
  ])(
    "refused, %s: takes away what earlier pages left, also on a page that records nothing",
    async (_, refuse) => {
      sessionStorage.setItem("playhead.write-key-1.unsent", "[]");
      refuse();
      await passUntilSent();
      expect(sessionStorage.getItem("playhead.write-key-1.unsent")).toBeNull();
      expect(collector.sent).toEqual([]);
    },
  );
});

describe("opting out", () => {
  it("stops, drops what was not sent, forgets the visitor, and is remembered", async () => {
    recorder.start();
    await passUntilSent(0);
    move();
    apiOf(recorder).optOut();
    move();
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
    expect(Object.keys(localStorage)).toEqual(["playhead.write-key-1.opted-out"]);
    recorder = newPage();
    recorder.start();
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
  });

  it("is not ended by consent, but by opting in, which is no consent itself", async () => {
    recorder = newPage({ consentRequired: true });
    recorder.optOut(true);
    recorder.start();
    recorder.consent(true);
    await passUntilSent();
    expect(collector.sent).toEqual([]);
    recorder.consent(false);
    apiOf(recorder).optIn();
    await passUntilSent();
    expect(collector.sent).toEqual([]);
    recorder.consent(true);
    await passUntilSent(0);
    expect(collector.seqs()).toEqual([0]);
  });

  it("in another tab is heard here, and so is a consent that is withdrawn there", async () => {
    recorder.start();
    await passUntilSent(0);
    localStorage.setItem("playhead.write-key-1.opted-out", "1");
    window.dispatchEvent(new StorageEvent("storage"));
    move();
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
    localStorage.removeItem("playhead.write-key-1.opted-out");
    window.dispatchEvent(new StorageEvent("storage"));
    await passUntilSent(0);
    const before = collector.sent.length;
    expect(before).toBe(2);
    // What has not been sent by then is not sent any more.
    move();
    localStorage.setItem("playhead.write-key-1.consent", "refused");
    window.dispatchEvent(new StorageEvent("storage"));
    move();
    await passUntilSent();
    expect(collector.sent).toHaveLength(before);
  });

  it("holds for the page where nothing can be stored", async () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("blocked", "SecurityError");
    });
    const blocked = withMemory(browserStore("localStorage", settings.key));
    recorder = new Recorder(settings, { local: blocked, session: noStore }, false);
    recorder.optOut(true);
    recorder.start();
    await passUntilSent();
    expect(collector.sent).toEqual([]);
  });
});

describe("sampling", () => {
  // Ids as they are, of the alphabet's letters in no order, but the same in every run.
  let state = 1;
  const letter = () =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"[(state = (state * 48_271) % 2_147_483_647) % 32] ?? "";
  const visitors = Array.from({ length: 100 }, () => Array.from({ length: 22 }, letter).join(""));
  const recordedOf = async (own: number, theirs: number, chosen: string[]) => {
    const recorded: string[] = [];
    for (const visitor of chosen) {
      localStorage.setItem("playhead.write-key-1.visitor", visitor);
      sessionStorage.clear();
      collector.config = Response.json({ ...config, sample_rate: theirs });
      const page = newPage({ sample: own });
      page.start();
      await passUntilSent(0);
      if (collector.sent.length > 0) recorded.push(visitor);
      collector.sent.length = 0;
      page.stop();
      await pass(1_000);
      collector.sent.length = 0;
    }
    return recorded;
  };

  it("takes the share that was asked for, and the same visitors every time", async () => {
    const some = visitors.slice(0, 100);
    const first = await recordedOf(0.4, 1, some);
    expect(first.length).toBeGreaterThan(20);
    expect(first.length).toBeLessThan(60);
    expect(await recordedOf(0.4, 1, some)).toEqual(first);
  });

  it("takes the smaller of the tag's share and the connection's, and of the same visitors", async () => {
    const some = visitors.slice(0, 60);
    const larger = await recordedOf(1, 0.5, some);
    const smaller = await recordedOf(0.2, 0.5, some);
    expect(smaller.length).toBeLessThan(larger.length);
    expect(larger).toEqual(expect.arrayContaining(smaller));
    expect(await recordedOf(0.5, 0.2, some)).toEqual(smaller);
  });
});

describe("pages of an app", () => {
  const go = (path: string) => {
    history.pushState(null, "", path);
  };
  beforeEach(() => {
    history.replaceState(null, "", "/");
  });

  it("are told of by url-change, without the values of telling parameters", async () => {
    recorder = newPage({ scrub: ["order"] });
    recorder.start();
    await passUntilSent(0);
    go("/shop?order=4711&x=1");
    await passUntilSent();
    expect(collector.text()).toContain(
      `{"tag":"url-change","payload":{"href":"${location.origin}/shop?order=***&x=1","kind":"push"}}`,
    );
    expect(collector.text()).not.toContain("4711");
  });

  it("that are denied are not recorded: it pauses there, and goes on with a snapshot once it is left", async () => {
    recorder = newPage({ deny: ["/account*"] });
    recorder.start();
    await passUntilSent(0);
    go("/account/orders?secret-address");
    document.body.innerHTML = "<p>secret order</p>";
    move();
    recorder.event("secret-event", 1);
    await passUntilSent();
    collector.sent.length = 0;
    move();
    await passUntilSent(10_000);
    expect(collector.sent).toEqual([]);
    go("/shop");
    // The app takes the denied page off the screen only now.
    await pass(100);
    document.body.innerHTML = "<p>the shop</p>";
    await passUntilSent(3_000);
    expect(collector.text()).toMatch(/"type":4.*\/shop".*"type":2.*the shop/s);
    expect(collector.text()).not.toContain("secret");
  });

  it("that are denied are not recorded when it starts there, nor when it only passes through", async () => {
    history.replaceState(null, "", "/account");
    recorder = newPage({ deny: ["/account*"] });
    recorder.start();
    await passUntilSent();
    expect(collector.sent).toEqual([]);
    go("/shop");
    await pass(100);
    go("/account/again");
    await passUntilSent();
    expect(collector.sent).toEqual([]);
    go("/shop");
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
  });

  it("are only those that are allowed, where that is said", async () => {
    recorder = newPage({ allow: ["/shop*"] });
    recorder.start();
    await passUntilSent();
    expect(collector.sent).toEqual([]);
    go("/shop/tea");
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
  });
});

describe("a site that is quicker than the connection's settings", () => {
  it("has its first events all the same, after the snapshot", async () => {
    recorder.start();
    recorder.event("opened", 1);
    await passUntilSent();
    expect(collector.text()).toMatch(/"type":2.*"tag":"opened"/s);
  });

  it("has them dropped where the visitor may not be recorded, then or later", async () => {
    recorder = newPage({ consentRequired: true });
    recorder.start();
    recorder.event("opened", 1);
    await passUntilSent(0);
    recorder.event("before the yes", 1);
    recorder.consent(true);
    await passUntilSent();
    expect(collector.text()).toContain('"type":2');
    expect(collector.text()).not.toMatch(/opened|before the yes/);
  });
});

describe("stop()", () => {
  it("leaves the page alone once what was recorded has been sent, and not before", async () => {
    const listeners = listenersOfTheWindow();
    const before = Object.getOwnPropertyDescriptors(History.prototype);
    recorder.start();
    await passUntilSent(0);
    let up = false;
    const network = fetch;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      up ? network(url, init) : Promise.reject(new TypeError()),
    );
    move();
    recorder.stop();
    await pass(1_000);
    expect(listeners.count).toBeGreaterThan(0);
    up = true;
    await passUntilSent(120_000);
    expect(listeners.count).toBe(0);
    expect(Object.getOwnPropertyDescriptors(History.prototype)).toEqual(before);
    expect(collector.seqs()).toEqual([0, 1]);
  });

  it("and start() again in between is followed on", async () => {
    recorder.start();
    await passUntilSent(0);
    move();
    recorder.stop();
    recorder.start();
    await passUntilSent(5_000);
    history.pushState(null, "", "/after");
    await passUntilSent();
    expect(collector.text()).toContain("url-change");
    history.replaceState(null, "", "/");
  });
});

describe("the page goes", () => {
  it("sends the open batch in a request that outlives it", async () => {
    recorder.start();
    await passUntilSent(0);
    move();
    recorder.leave();
    await passUntilSent(0);
    expect(collector.sent.at(-1)).toMatchObject({ seq: 1, keepalive: true });
    expect(collector.sent.at(-1)?.text).toContain('"source":2');
  });

  it("keeps what was not answered for the next page, which sends it with its own seq before its own", async () => {
    recorder.start();
    await passUntilSent(0);
    collector.answers = [new TypeError("page is gone")];
    recorder.event("last", "words");
    recorder.leave();
    recorder.stop();
    collector.sent.length = 0;
    recorder = newPage();
    recorder.start();
    await passUntilSent(0);
    expect(collector.seqs()[0]).toBe(1);
    expect(collector.sent[0]?.text).toContain('"payload":"words"');
    expect(collector.seqs()).toContain(2);
    expect(collector.sent.find(({ seq }) => seq === 2)?.text).toContain('"type":2');
  });

  it("sends no more than 64 KB that way, and keeps the rest for the next page", async () => {
    recorder.start();
    await passUntilSent(0);
    collector.sent.length = 0;
    for (let i = 0; i < 10; i++) recorder.event("large", `${i}:${"x".repeat(20_000)}`);
    recorder.leave();
    recorder.stop();
    await passUntilSent(0);
    const outliving = collector.sent.filter(({ keepalive }) => keepalive);
    expect(outliving.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThanOrEqual(64 * 1_024);
    expect(outliving.length).toBeGreaterThan(0);
    recorder = newPage();
    recorder.start();
    await passUntilSent(0);
    for (let i = 0; i < 10; i++) expect(collector.text()).toContain(`"${i}:x`);
  });

  it("flushes when it is hidden, and does not send that again", async () => {
    recorder.start();
    await passUntilSent(0);
    move();
    recorder.hidden();
    await passUntilSent(10_000);
    expect(collector.seqs()).toEqual([0, 1]);
    expect(collector.sent[1]?.keepalive).toBe(true);
  });

  it("does not send again what is on its way when it is hidden", async () => {
    let answer: (response: Response) => void = () => undefined;
    collector.answers = [new Promise((resolve) => (answer = resolve))];
    recorder.start();
    await passUntilSent(0);
    recorder.hidden();
    await passUntilSent(0);
    answer(refusal(202));
    await passUntilSent();
    expect(collector.seqs()).toEqual([0]);
  });

  it("uses a beacon where fetch does not outlive the page, and keeps the batch all the same", async () => {
    vi.stubGlobal("Request", undefined);
    const beacons: [string, Blob][] = [];
    vi.stubGlobal("navigator", { sendBeacon: (url: string, body: Blob) => beacons.push([url, body]) > 0 });
    recorder.start();
    await passUntilSent(0);
    recorder.event("last", "words");
    recorder.leave();
    expect(beacons).toHaveLength(1);
    expect(beacons.map(([url]) => new URL(url).searchParams.get("seq"))).toEqual(["1"]);
    expect(beacons.map(([, body]) => body.type)).toEqual(["text/plain"]);
    expect(sessionStorage.getItem("playhead.write-key-1.unsent")).toContain("words");
  });

  it("begins with a snapshot when it comes back", async () => {
    recorder.start();
    await passUntilSent(0);
    recorder.leave();
    recorder.comeBack();
    collector.sent.length = 0;
    move();
    await passUntilSent();
    expect(
      JSON.parse(collector.sent.find(({ text }) => text.includes('"type":2'))?.text ?? ""),
    ).toMatchObject([{ type: 4 }, { type: 2 }]);
  });
});

describe("a collector that cannot be reached", () => {
  it("does not fill the page's memory: the oldest is given up, and a snapshot follows", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.spyOn(Math, "random").mockReturnValue(0);
    recorder.start();
    await passUntilSent(0);
    let down = true;
    const up = fetch;
    vi.stubGlobal("fetch", (url: string, init: RequestInit) =>
      down ? Promise.reject(new TypeError()) : up(url, init),
    );
    for (let i = 0; i < 100; i++) {
      recorder.event("large", `${i}:${"x".repeat(250_000)}`);
      await pass(10);
    }
    down = false;
    collector.sent.length = 0;
    await passUntilSent(120_000);
    const held = collector.sent.reduce((sum, { text }) => sum + text.length, 0);
    expect(held).toBeGreaterThan(3_000_000);
    expect(held).toBeLessThan(5 * 1_024 * 1_024);
    // What was kept is the end, without holes, and it can be played.
    const seqs = collector.seqs();
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
    expect(collector.text()).toContain('"99:x');
    expect(collector.text()).toContain('"type":2');
  });
});

describe("never throws into the page", () => {
  const everyCall = async () => {
    const api = apiOf(recorder);
    api.start();
    await passUntilSent();
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    api.event("cycle", cycle);
    api.event("big", 1n);
    api.event(Symbol("no name") as never);
    api.event("getter", {
      get bad(): never {
        throw new Error("the page's own");
      },
    });
    move();
    api.consent("yes" as never);
    api.consent(true);
    recorder.hidden();
    recorder.leave();
    recorder.comeBack();
    recorder.online();
    await passUntilSent();
    api.stop();
    api.stop();
    await passUntilSent();
  };

  beforeEach(() => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
  });

  it("when fetch throws at once", async () => {
    vi.stubGlobal("fetch", () => {
      throw new Error("the page broke fetch");
    });
    await everyCall();
  });

  it("when storage throws", async () => {
    for (const method of ["getItem", "setItem", "removeItem"] as const) {
      vi.spyOn(Storage.prototype, method).mockImplementation(() => {
        throw new DOMException("blocked", "SecurityError");
      });
    }
    await everyCall();
    expect(collector.text()).toContain('"type":2');
  });

  it("when the console throws, too", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {
      throw new Error("the page broke the console");
    });
    await everyCall();
    expect(collector.text()).toContain('"type":2');
  });

  it("when randomness is missing", async () => {
    vi.stubGlobal("crypto", undefined);
    await everyCall();
    expect(collector.sent).toEqual([]);
  });

  it("and an event that cannot be JSON does not harm the others", async () => {
    recorder.start();
    await passUntilSent(0);
    const api = apiOf(recorder);
    api.event("big", 1n);
    api.event("good", 1);
    await passUntilSent();
    expect(collector.text()).toContain('"good"');
    expect(collector.text()).not.toContain('"big"');
  });
});
