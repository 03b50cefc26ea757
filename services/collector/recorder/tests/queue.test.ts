import { IDBFactory, IDBObjectStore } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { textOf } from "../src/compress";
import { Queue } from "../src/queue";
import { batch } from "./builders";

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;
const none = () => false;
const dropped = vi.fn();
const opened: Queue[] = [];

/** The queue as a tab of this name has it. */
const tab = (name: string) => {
  const queue = new Queue("playhead.test", name, dropped);
  opened.push(queue);
  return queue;
};
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
/** What a tab that may send everything finds, in its order. */
const contents = async (queue = tab("reader")) => {
  pass(61_000);
  const seqs: (number | null)[] = [];
  for (;;) {
    const found = await queue.next(none);
    if (found === null) return seqs;
    seqs.push(found.seq);
    await queue.remove(found);
  }
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  vi.stubGlobal("indexedDB", new IDBFactory());
  dropped.mockReset();
});
afterEach(() => {
  for (const queue of opened.splice(0)) queue.forget();
  vi.useRealTimers();
});

describe("what is put", () => {
  it("comes out as it was, under its own visitor, window and number, oldest first", async () => {
    const zipped = batch(1, "", {
      madeAt: NOW - 10,
      triedAt: NOW - 5,
      consent: true,
      body: { encoding: "gzip", bytes: new Uint8Array([0, 31, 139, 255]) },
    });
    const text = batch(2, "[2]", { madeAt: NOW - 20 });
    const queue = tab("a");
    await queue.put([zipped, text]);
    expect([zipped.kept, text.kept]).toEqual(["yes", "yes"]);
    expect(await queue.next(none)).toEqual(text);
    expect(await queue.next((_, seq) => seq === 2)).toEqual(zipped);
  });

  it("is no longer there once it is accepted", async () => {
    const queue = tab("a");
    await queue.put([batch(0), batch(1)]);
    await queue.remove(batch(0));
    expect(await contents()).toEqual([1]);
  });

  it("as the page goes is there too, after whatever was put before", async () => {
    const queue = tab("a");
    await queue.put([batch(0)]);
    const late = batch(1);
    queue.putNow([late]);
    expect(late.kept).toBe("maybe");
    expect(await contents()).toEqual([0, 1]);
  });

  it("again replaces what was there: the earlier half of a batch takes its place", async () => {
    const queue = tab("a");
    await queue.put([batch(0, "[1,2]")]);
    await queue.put([batch(0, "[1]"), batch(5, "[2]")]);
    const found = await queue.next(none);
    expect(await textOf(found as never)).toBe("[1]");
    expect(await contents()).toEqual([0, 5]);
  });

  it("without a number is not kept", async () => {
    const part = batch(0, "[1]", { seq: null });
    await tab("a").put([part]);
    expect(part.kept).toBe("no");
    expect(await contents()).toEqual([]);
  });
});

describe("several tabs", () => {
  it("do not send the same batch at once, nor what a live tab holds", async () => {
    const [a, b] = [tab("a"), tab("b")];
    await a.put([batch(0)]);
    expect(await b.next(none)).toBeNull();
    expect(await a.next(none)).not.toBeNull();
    expect(await b.next(none)).toBeNull();
  });

  it("take over what a tab left, after a minute, each batch one of them", async () => {
    await tab("gone").put([batch(0), batch(1)]);
    pass(60_001);
    const found = await Promise.all([tab("a").next(none), tab("b").next(none), tab("c").next(none)]);
    expect(found.flatMap((one) => one?.seq ?? []).sort()).toEqual([0, 1]);
  });

  it("know what another has seen to, and what another is sending", async () => {
    const [a, b] = [tab("a"), tab("b")];
    const mine = batch(0);
    await a.put([mine]);
    expect(await a.claim(mine)).toBe("mine");
    pass(60_001);
    expect(await b.next(none)).not.toBeNull();
    expect(await a.claim(mine)).toBe("held");
    await b.remove(mine);
    expect(await a.claim(mine)).toBe("gone");
  });

  it("lose it all when the visitor withdraws in one of them, and put nothing more in", async () => {
    const [a, b] = [tab("a"), tab("b")];
    await b.put([batch(0)]);
    await a.put([batch(1)]);
    a.forget();
    await vi.waitFor(async () => {
      const late = batch(2);
      await b.put([late]);
      expect(late.kept).toBe("maybe");
    });
    await a.put([batch(3)]);
    a.putNow([batch(4)]);
    expect(await contents()).toEqual([]);
  });
});

describe("a batch that is sent from the queue", () => {
  it("counts as perhaps taken from then on", async () => {
    const queue = tab("a");
    await queue.put([batch(0)]);
    expect(await queue.next(none)).toMatchObject({ triedAt: null });
    expect(await queue.next(none)).toMatchObject({ triedAt: NOW });
    pass(HOUR);
    expect(await queue.next(none)).toMatchObject({ triedAt: NOW });
  });
});

describe("the bounds", () => {
  it("what is too old is dropped, and told", async () => {
    const queue = tab("a");
    await queue.put([
      batch(0, "[]", { madeAt: NOW - 25 * HOUR }),
      batch(1, "[]", { madeAt: NOW - 3 * HOUR, triedAt: NOW - 2 * HOUR }),
      batch(2, "[]", { madeAt: NOW - 23 * HOUR }),
    ]);
    expect(await contents()).toEqual([2]);
    expect(dropped.mock.calls).toEqual([
      ["window-1", 0],
      ["window-1", 1],
    ]);
  });

  it("beyond 16 MiB the oldest go, and are told", async () => {
    const queue = tab("a");
    const body = { encoding: "gzip", bytes: new Uint8Array(1.5 * 1_024 * 1_024) } as const;
    for (let seq = 0; seq < 12; seq++) await queue.put([batch(seq, "", { madeAt: NOW + seq, body })]);
    const kept = await contents();
    expect(kept).toEqual(Array.from({ length: 10 }, (_, i) => i + 2));
    expect(dropped.mock.calls).toEqual([
      ["window-1", 0],
      ["window-1", 1],
    ]);
  });
});

describe("without IndexedDB", () => {
  const useless = async () => {
    const queue = tab("a");
    const one = batch(0);
    queue.putNow([one]);
    await queue.put([one]);
    expect(one.kept).not.toBe("yes");
    expect(await queue.next(none)).toBeNull();
    expect(await queue.claim(one)).toBe("mine");
    await queue.remove(one);
    queue.forget();
  };

  it("there is no queue, and no error", async () => {
    vi.stubGlobal("indexedDB", undefined);
    await useless();
  });

  it("nor where it may not be opened", async () => {
    vi.stubGlobal("indexedDB", {
      open: () => {
        throw new DOMException("blocked", "SecurityError");
      },
    });
    await useless();
  });

  it("nor where opening fails", async () => {
    const open = () => {
      const request = {} as { onerror?: () => void };
      queueMicrotask(() => request.onerror?.());
      return request;
    };
    vi.stubGlobal("indexedDB", { open, deleteDatabase: () => ({}) });
    await useless();
  });

  it("nor where it never answers", async () => {
    vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: NOW });
    vi.stubGlobal("indexedDB", { open: () => ({}), deleteDatabase: () => ({}) });
    const queue = tab("a");
    const found = queue.next(none);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await found).toBeNull();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("nor where the disk is full", async () => {
    const queue = tab("a");
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const one = batch(0);
    await queue.put([one]);
    queue.putNow([one]);
    expect(one.kept).toBe("maybe");
  });
});
