import { IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Delivery, forgetUnsent } from "../src/delivery";
import type { Outbox } from "../src/outbox";
import type { Sender } from "../src/sender";
import { TabWindow } from "../src/tab";
import { batch, FakeCollector, mapStore, refusal, settings } from "./builders";
import { Queue } from "../src/queue";

const losses = { batchLost: vi.fn(), connectionRefused: vi.fn() };
let collector: FakeCollector;
let session: ReturnType<typeof mapStore>;
let delivery: Delivery;
const open: Delivery[] = [];

/** A page of the tab whose sessionStorage this is. */
const page = (store = session, visitor = "visitor-1") => {
  const opened = new Delivery(settings, visitor, TabWindow.open(store), store, losses);
  open.push(opened);
  return opened;
};
/** What a test may look at, or end, that no page may. */
const inside = (one: Delivery) =>
  one as unknown as {
    tab: TabWindow;
    sender: Sender;
    outbox: Outbox;
    queue: { database: { opened: unknown } };
    fetching: boolean;
    number(events: string[]): void;
  };
/** The page is torn down: nothing of it runs any more, and its tab may show another. */
const kill = (gone: Delivery) => {
  inside(gone).tab.leave();
  inside(gone).sender.close();
};
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 5_000, interval: 5 });
const rows = async (): Promise<number[]> => {
  const opening = indexedDB.open("playhead.write-key-1", 1);
  const database = await new Promise<IDBDatabase>((resolve) => {
    opening.onupgradeneeded = () =>
      opening.result
        .createObjectStore("batches", { keyPath: ["window", "seq"] })
        .createIndex("age", ["madeAt", "bytes"]);
    opening.onsuccess = () => {
      resolve(opening.result);
    };
  });
  const keys = database.transaction("batches").objectStore("batches").getAllKeys();
  return new Promise((resolve) => {
    keys.onsuccess = () => {
      database.close();
      resolve((keys.result as [string, number][]).map(([, seq]) => seq));
    };
  });
};
/** The last requests of a page have arrived, and are forgotten. */
const lastRequests = async (count: number) => {
  await eventually(() => {
    expect(collector.sent).toHaveLength(count);
  });
  collector.sent.length = 0;
};
const never = () => new Promise<Response>(() => undefined);
/** Not compressible, so that its bytes are what they seem. */
const random = (chars: number) =>
  Array.from({ length: chars }, () => Math.floor(Math.random() * 36).toString(36)).join("");
const event = (text: string) => JSON.stringify({ type: 5, data: text, timestamp: 1 });

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  // The wait of a try that failed would be seconds.
  vi.spyOn(Math, "random").mockReturnValue(0);
  collector = new FakeCollector();
  session = mapStore();
  losses.batchLost.mockReset();
  losses.connectionRefused.mockReset();
  delivery = page();
});
afterEach(() => {
  for (const each of open.splice(0)) kill(each);
});

describe("while batches are accepted", () => {
  it("small ones go in order, and the queue is not troubled", async () => {
    const put = vi.spyOn(Queue.prototype, "put");
    for (const text of ["a", "b", "c"]) delivery.send([event(text)]);
    await eventually(() => {
      expect(collector.seqs()).toEqual([0, 1, 2]);
    });
    expect(put.mock.calls.flat(2)).toEqual([]);
  });

  it("one that no last request of the page could carry is in the queue until it is answered", async () => {
    vi.mocked(Math.random).mockRestore();
    let answer: (response: Response) => void = () => undefined;
    collector.answers = [new Promise((resolve) => (answer = resolve))];
    delivery.send([event(random(100_000))]);
    await eventually(async () => {
      expect(await rows()).toEqual([0]);
    });
    answer(refusal(202));
    await eventually(async () => {
      expect(await rows()).toEqual([]);
    });
  });

  it("compresses outside of the task that recorded", async () => {
    const made = vi.fn();
    vi.stubGlobal(
      "CompressionStream",
      class extends CompressionStream {
        constructor(format: CompressionFormat) {
          made();
          super(format);
        }
      },
    );
    delivery.send([event("a")]);
    await Promise.resolve();
    expect(made).not.toHaveBeenCalled();
    await eventually(() => {
      expect(collector.sent[0]?.query.get("encoding")).toBe("gzip");
    });
  });
});

describe("while they are not", () => {
  it("each goes into the queue as it is made, and from there to the collector when it is back", async () => {
    collector.answers = [new TypeError("offline"), new TypeError("offline")];
    for (const text of ["a", "b", "c"]) delivery.send([event(text)]);
    await eventually(async () => {
      expect(await rows()).toEqual([0, 1, 2]);
    });
    expect(inside(delivery).outbox.all()).toEqual([]);
    delivery.hurry();
    delivery.hurry();
    await eventually(async () => {
      expect(await rows()).toEqual([]);
    });
    expect(collector.seqs().slice(-3).sort()).toEqual([0, 1, 2]);
    expect(losses.batchLost).not.toHaveBeenCalled();
  });

  it("without IndexedDB they wait in memory", async () => {
    vi.stubGlobal("indexedDB", undefined);
    kill(delivery);
    delivery = page(mapStore());
    collector.answers = [new TypeError("offline")];
    for (const text of ["a", "b"]) delivery.send([event(text)]);
    await eventually(() => {
      expect(inside(delivery).outbox.all()).toHaveLength(2);
      expect(collector.sent).toHaveLength(1);
    });
    delivery.hurry();
    await eventually(() => {
      expect(collector.seqs()).toEqual([0, 0, 1]);
    });
  });

  it("one that grew too old is lost, and the stream has a hole", async () => {
    collector.answers = [new TypeError("offline")];
    delivery.send([event("a")]);
    await eventually(async () => {
      expect(await rows()).toEqual([0]);
    });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 25 * 3_600_000 });
    delivery.hurry();
    await eventually(() => {
      expect(losses.batchLost).toHaveBeenCalledExactlyOnceWith(expect.anything(), true);
    });
    vi.useRealTimers();
    expect(collector.seqs()).toEqual([0]);
    expect(await rows()).toEqual([]);
  });
});

describe("the page goes", () => {
  it("in one tick, and all that was not answered is there for the tab's next page, each once", async () => {
    collector.answers = [never()];
    delivery.send([event("in flight")]);
    await eventually(() => {
      expect(collector.sent).toHaveLength(1);
    });
    collector.answers = [never(), never()];
    delivery.leave([event("open")]);
    kill(delivery);
    await lastRequests(3);
    page();
    await eventually(async () => {
      expect(collector.seqs()).toEqual([0, 1]);
      expect(await rows()).toEqual([]);
    });
    expect(new Set(collector.sent.map(({ query }) => query.get("window"))).size).toBe(1);
  });

  it("and what its sessionStorage has no room for is in the queue", async () => {
    vi.mocked(Math.random).mockRestore();
    await eventually(() => {
      expect(inside(delivery).queue.database.opened).not.toBeNull();
    });
    inside(delivery).number([event(random(1_100_000))]);
    delivery.leave([event("small")]);
    kill(delivery);
    expect(session.get("unsent")).toContain("small");
    expect(session.get("unsent")?.length).toBeLessThan(1_000);
    await eventually(async () => {
      expect(await rows()).toEqual([0, 1]);
    });
    await lastRequests(1);
    page();
    await eventually(() => {
      expect(collector.seqs()).toEqual([1, 0]);
    });
  });

  it("with all its last requests together within the limit, hidden first or not", () => {
    vi.mocked(Math.random).mockRestore();
    collector.answers = Array.from({ length: 20 }, never);
    delivery.flush([event(random(25_000)), event(random(25_000))]);
    delivery.flush([event(random(5_000))]);
    delivery.leave([event(random(25_000)), event(random(4_000))]);
    const bytes = (each: { text: string }) => each.text.length;
    return eventually(() => {
      const outliving = collector.sent.filter(({ keepalive }) => keepalive);
      expect(outliving.map(bytes).reduce((sum, size) => sum + size)).toBeLessThanOrEqual(64 * 1_024);
      // None of them twice: what outlives the page is on its way already.
      expect(outliving.map(({ seq }) => seq)).toEqual([...new Set(outliving.map(({ seq }) => seq))]);
      expect(outliving.length).toBeGreaterThanOrEqual(2);
    });
  });

  it("without sending again what outlives it already, neither from memory nor from the queue", async () => {
    collector.answers = [never()];
    delivery.flush([event("a")]);
    await eventually(async () => {
      expect(await rows()).toEqual([0]);
    });
    delivery.hurry();
    await eventually(() => {
      expect(inside(delivery).fetching).toBe(false);
    });
    delivery.send([event("b")]);
    await eventually(() => {
      expect(collector.seqs()).toContain(1);
    });
    delivery.leave([event("c")]);
    await eventually(() => {
      expect(collector.seqs()).toContain(2);
    });
    expect(collector.seqs().filter((seq) => seq === 0)).toHaveLength(1);
  });

  it("without a try where nobody has answered lately: kept, it surely was not taken", async () => {
    collector.answers = [new TypeError("offline"), new TypeError("offline")];
    delivery.send([event("a")]);
    await eventually(async () => {
      expect(await rows()).toEqual([0]);
    });
    delivery.hurry();
    await eventually(() => {
      expect(inside(delivery).sender.mayTry).toBe(false);
    });
    await eventually(() => {
      expect(inside(delivery).outbox.all()).toEqual([]);
    });
    delivery.leave([event("b")]);
    expect(collector.sent).toHaveLength(2);
    expect(JSON.parse(session.get("unsent") ?? "")).toMatchObject([{ seq: 1, triedAt: null }]);
  });
});

describe("another page of the site", () => {
  it("sends what a closed tab left, under its window and number, once", async () => {
    collector.answers = [new TypeError("offline")];
    delivery.send([event("left")]);
    await eventually(async () => {
      expect(await rows()).toEqual([0]);
    });
    kill(delivery);
    const window = collector.sent[0]?.query.get("window");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    collector.sent.length = 0;
    page(mapStore(), "visitor-2");
    page(mapStore(), "visitor-2");
    await eventually(async () => {
      expect(await rows()).toEqual([]);
    });
    vi.useRealTimers();
    expect(collector.sent.map(({ query }) => [query.get("window"), query.get("seq")])).toEqual([
      [window, "0"],
    ]);
    expect(collector.sent[0]?.query.get("visitor")).toBe("visitor-1");
  });
});

describe("413", () => {
  const tooLarge = (most: number) => {
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      const query = new URL(url).searchParams;
      const text = init.body as string;
      const events = JSON.parse(text) as { data: string }[];
      collector.sent.push({ query, seq: Number(query.get("seq")), text, keepalive: false });
      const large = events.length > most || events.some(({ data }) => data === "huge");
      return Promise.resolve(refusal(large ? 413 : 202));
    });
    vi.stubGlobal("CompressionStream", undefined);
  };
  const accepted = (most: number) =>
    collector.sent
      .map(({ query, text }) => [
        query.get("seq"),
        (JSON.parse(text) as { data: string }[]).map(({ data }) => data),
      ])
      .filter(([, events]) => (events?.length ?? 0) <= most && !events?.includes("huge"));

  it("halves the batch until the collector takes it: every event once, in order, each part numbered", async () => {
    tooLarge(1);
    delivery.send(["a", "b", "c", "d", "e"].map(event));
    await eventually(() => {
      expect(accepted(1)).toEqual([
        ["0", ["a"]],
        ["3", ["b"]],
        ["2", ["c"]],
        ["1", ["d"]],
        ["4", ["e"]],
      ]);
    });
    expect(losses.batchLost).not.toHaveBeenCalled();
  });

  it("loses the one event that is too large alone, and the stream has a hole", async () => {
    tooLarge(9);
    delivery.send(["a", "huge", "c"].map(event));
    await eventually(() => {
      expect(accepted(9).map(([, events]) => events)).toEqual([["a"], ["c"]]);
    });
    expect(losses.batchLost).toHaveBeenCalledExactlyOnceWith("too large", true);
  });

  it("asks for no snapshot where it was one that was too large", async () => {
    tooLarge(9);
    delivery.send([JSON.stringify({ type: 2, data: "huge", timestamp: 1 })]);
    await eventually(() => {
      expect(losses.batchLost).toHaveBeenCalledExactlyOnceWith("too large", false);
    });
  });

  it("gives up what it cannot read, once", async () => {
    vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
      collector.sent.push({
        query: new URL(url).searchParams,
        seq: 0,
        text: init.body as string,
        keepalive: false,
      });
      return Promise.resolve(refusal(413));
    });
    const body = { encoding: "gzip", bytes: new Uint8Array([1, 2, 3]) } as const;
    inside(delivery).outbox.add(batch(0, "", { body }));
    delivery.hurry();
    await eventually(() => {
      expect(losses.batchLost).toHaveBeenCalledExactlyOnceWith("too large", false);
    });
    expect(inside(delivery).outbox.all()).toEqual([]);
    expect(collector.sent).toHaveLength(1);
  });

  it("halves what another window left, too: without a number for the later half, which goes first", async () => {
    const left = mapStore();
    await new Queue("playhead.write-key-1", "gone", () => undefined).put([
      batch(7, `[${["a", "b", "c"].map(event).join()}]`, { window: "gone" }),
    ]);
    tooLarge(2);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    page(left);
    await eventually(async () => {
      expect(await rows()).toEqual([]);
    });
    vi.useRealTimers();
    expect(accepted(2)).toEqual([
      [null, ["c"]],
      ["7", ["a", "b"]],
    ]);
    expect(new Set(collector.sent.map(({ query }) => query.get("window")))).toEqual(new Set(["gone"]));
  });
});

describe("a refusal", () => {
  it("of a batch of this page leaves a hole; of an earlier page's, none in this page's stream", async () => {
    collector.answers = [refusal(400)];
    delivery.send([event("a")]);
    await eventually(() => {
      expect(losses.batchLost).toHaveBeenCalledExactlyOnceWith("refused with 400", true);
    });
    losses.batchLost.mockReset();
    collector.answers = [never()];
    delivery.leave([event("b")]);
    kill(delivery);
    collector.answers = [refusal(400)];
    page();
    await eventually(() => {
      expect(losses.batchLost).toHaveBeenCalledExactlyOnceWith("refused with 400", false);
    });
  });

  it("of the connection ends it, with all that waits", async () => {
    vi.mocked(Math.random).mockRestore();
    collector.answers = [refusal(401)];
    delivery.send([event(random(100_000))]);
    delivery.send([event("b")]);
    await eventually(() => {
      expect(losses.connectionRefused).toHaveBeenCalledExactlyOnceWith(401);
    });
    expect(collector.seqs()).toEqual([0]);
    expect(await rows()).toEqual([]);
  });

  it("of an earlier page's batch, from before consent was asked for, is no refusal of this page", async () => {
    collector.answers = [never()];
    delivery.leave([event("without consent")]);
    kill(delivery);
    collector.answers = [refusal(403)];
    const next = page();
    next.consented(true);
    next.send([event("with")]);
    await eventually(() => {
      expect(collector.sent.at(-1)?.text).toContain("with");
      expect(collector.sent.at(-1)?.query.get("consent")).toBe("1");
    });
    expect(losses.connectionRefused).not.toHaveBeenCalled();
  });
});

describe("a withdrawal", () => {
  it("leaves nothing to send: not in memory, not in the queue, not for the next page", async () => {
    collector.answers = [new TypeError("offline")];
    delivery.send([event("a")]);
    await eventually(async () => {
      expect(await rows()).toEqual([0]);
    });
    // In the queue alone: what is in memory too would be sent once more as the page goes.
    await eventually(() => {
      expect(inside(delivery).outbox.all()).toEqual([]);
    });
    delivery.leave([event("b")]);
    await lastRequests(2);
    delivery.takeOver();
    delivery.drop();
    delivery.hurry();
    expect(session.get("unsent")).toBeNull();
    expect(await rows()).toEqual([]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    const next = page();
    await eventually(() => {
      expect(inside(next).fetching).toBe(false);
    });
    vi.useRealTimers();
    expect(collector.sent).toEqual([]);
  });

  it("on a page that records nothing takes away what earlier pages left", async () => {
    collector.answers = [new TypeError("offline")];
    delivery.send([event("a")]);
    await eventually(async () => {
      expect(await rows()).toEqual([0]);
    });
    delivery.leave([event("b")]);
    kill(delivery);
    forgetUnsent(settings.key, session);
    expect(session.get("unsent")).toBeNull();
    expect(await rows()).toEqual([]);
  });
});
