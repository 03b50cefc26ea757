import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Batch } from "../src/batch";
import { Outbox } from "../src/outbox";
import { post } from "../src/post";
import { Sender } from "../src/sender";
import { batch, FakeCollector, refusal, settings } from "./builders";

let collector: FakeCollector;
let outbox: Outbox;
let sender: Sender;
const done = (one: Batch) => {
  outbox.remove(one);
};
const batches = {
  next: vi.fn(() => Promise.resolve(outbox.all().find((waiting) => !sender.isInFlight(waiting)) ?? null)),
  accepted: vi.fn(done),
  postponed: vi.fn(),
  tooLarge: vi.fn((one: Batch) => {
    done(one);
    return Promise.resolve();
  }),
  refused: vi.fn(done),
  connectionRefused: vi.fn(() => false),
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
  collector = new FakeCollector();
  outbox = new Outbox(1_000);
  for (const answer of Object.values(batches)) answer.mockClear();
  sender = new Sender(batches, (one, keepalive, abort) => post(settings, one, keepalive, abort));
});
afterEach(() => {
  sender.close();
  vi.useRealTimers();
});

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("sending", () => {
  it("sends the batches in order, one at a time, with everything but the events in the query", async () => {
    outbox.add(batch(0), batch(1));
    sender.kick();
    await settle();
    expect(collector.seqs()).toEqual([0, 1]);
    expect(Object.fromEntries(collector.sent[0]?.query ?? [])).toEqual({
      key: "write-key-1",
      visitor: "visitor-1",
      window: "window-1",
      seq: "0",
      sent_at: String(Date.now()),
    });
    expect(outbox.all()).toEqual([]);
  });

  it("leaves the number out where there is none", async () => {
    outbox.add(batch(0, "[1]", { seq: null }));
    sender.kick();
    await settle();
    expect(collector.sent[0]?.query.has("seq")).toBe(false);
  });

  it("holds the later batch back until the earlier is answered", async () => {
    let answer: (response: Response) => void = () => undefined;
    collector.answers = [new Promise((resolve) => (answer = resolve))];
    outbox.add(batch(0), batch(1));
    sender.kick();
    await settle();
    expect(collector.seqs()).toEqual([0]);
    answer(refusal(202));
    await settle();
    expect(collector.seqs()).toEqual([0, 1]);
  });

  it("does not overlook a batch that comes while it finds that there is none", async () => {
    let none: (nothing: null) => void = () => undefined;
    batches.next.mockReturnValueOnce(new Promise((resolve) => (none = resolve)));
    sender.kick();
    outbox.add(batch(0));
    sender.kick();
    none(null);
    await settle();
    expect(collector.seqs()).toEqual([0]);
  });

  it("goes on after an error of our own, with the next kick", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    batches.next.mockRejectedValueOnce(new Error("ours"));
    outbox.add(batch(0));
    sender.kick();
    await settle();
    sender.kick();
    await settle();
    expect(collector.seqs()).toEqual([0]);
  });

  it("sends nothing once it is closed, and heeds no answer", async () => {
    let answer: (response: Response) => void = () => undefined;
    collector.answers = [new Promise((resolve) => (answer = resolve))];
    outbox.add(batch(0), batch(1));
    sender.kick();
    await settle();
    sender.close();
    answer(refusal(503));
    sender.kick();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(collector.seqs()).toEqual([0]);
    expect(batches.postponed).not.toHaveBeenCalled();
  });

  it("cuts off what is on its way when it is closed, also what would outlive the page", async () => {
    collector.answers = [
      new Response("{}", { status: 202 }),
      new Promise(() => undefined),
      new Promise(() => undefined),
    ];
    outbox.add(batch(0), batch(1));
    sender.kick();
    await settle();
    sender.sendOutliving(batch(2), 100);
    await settle();
    const cutOff = () => collector.sent.map(({ seq, signal }) => [seq, signal?.aborted]);
    expect(cutOff()).toEqual([
      [0, false],
      [1, false],
      [2, false],
    ]);
    sender.close();
    // The first has been answered.
    expect(cutOff()).toEqual([
      [0, false],
      [1, true],
      [2, true],
    ]);
  });
});

describe("a failure", () => {
  it.each([
    ["503", () => refusal(503)],
    ["429", () => refusal(429)],
    ["no network", () => new TypeError("Failed to fetch")],
    ["a captive portal", () => refusal(200)],
  ])("%s: the same batch goes again with the same seq and body, then the next", async (_, failure) => {
    collector.answers = [failure(), failure()];
    outbox.add(batch(7), batch(8));
    sender.kick();
    await settle();
    expect(collector.seqs()).toEqual([7]);
    await vi.advanceTimersByTimeAsync(499);
    expect(collector.seqs()).toEqual([7]);
    await vi.advanceTimersByTimeAsync(1);
    expect(collector.seqs()).toEqual([7, 7]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(collector.seqs()).toEqual([7, 7, 7, 8]);
    expect(new Set(collector.sent.slice(0, 3).map(({ text }) => text)).size).toBe(1);
  });

  it.each([
    ["in seconds", () => "9"],
    ["as a date", () => new Date(Date.now() + 9_000).toUTCString()],
  ])("waits as long as Retry-After asks %s, also when the network comes back", async (_, asked) => {
    vi.setSystemTime(1_700_000_000_000);
    collector.answers = [refusal(503, { "Retry-After": asked() })];
    outbox.add(batch(0));
    sender.kick();
    await vi.advanceTimersByTimeAsync(8_998);
    sender.hurry();
    expect(sender.mayTry).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(collector.seqs()).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(collector.seqs()).toEqual([0, 0]);
    expect(sender.mayTry).toBe(true);
  });

  it("tells the time of each try, not of the first", async () => {
    collector.answers = [refusal(503)];
    outbox.add(batch(0));
    sender.kick();
    await vi.advanceTimersByTimeAsync(500);
    const [first, second] = collector.sent.map(({ query }) => Number(query.get("sent_at")));
    expect((second ?? 0) - (first ?? 0)).toBe(500);
  });

  it("is not hurried by new batches, but by the network's return", async () => {
    collector.answers = [new TypeError("Failed to fetch")];
    outbox.add(batch(0));
    sender.kick();
    await settle();
    sender.kick();
    await settle();
    expect(collector.seqs()).toEqual([0]);
    sender.hurry();
    await settle();
    expect(collector.seqs()).toEqual([0, 0]);
  });

  it("that no answer came to, twice in a row, means that there is nobody to send to", async () => {
    collector.answers = [new TypeError("Failed to fetch"), new TypeError("Failed to fetch")];
    outbox.add(batch(0));
    sender.kick();
    await settle();
    expect(sender.mayTry).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(sender.mayTry).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sender.mayTry).toBe(true);
  });
});

describe("whether the collector may have a batch", () => {
  const triedAfter = async (...answers: (Response | Error)[]) => {
    const one = batch(0);
    collector.answers = answers;
    outbox.add(one);
    sender.kick();
    await settle();
    for (let i = 1; i < answers.length; i++) await vi.advanceTimersByTimeAsync(10_000);
    return one.triedAt;
  };

  it("stands in it while it is on its way", async () => {
    const one = batch(0);
    collector.answers = [new Promise(() => undefined)];
    outbox.add(one);
    sender.kick();
    await settle();
    expect(one.triedAt).toBe(Date.now());
  });

  it("is a no where it was refused unread, or went nowhere", async () => {
    expect(await triedAfter(refusal(429))).toBeNull();
    outbox.clear();
    sender.close();
    sender = new Sender(batches, (one, keepalive, abort) => post(settings, one, keepalive, abort));
    expect(await triedAfter(new TypeError("Failed to fetch"))).toBeNull();
  });

  it("is a perhaps, since then, after any other answer, whatever comes after it", async () => {
    const at = Date.now();
    expect(await triedAfter(refusal(503), refusal(429))).toBe(at);
  });

  it("is a perhaps where the answer took too long", async () => {
    vi.stubGlobal(
      "fetch",
      (_: string, { signal }: { signal: AbortSignal }) =>
        new Promise((_answer, fail) => {
          signal.addEventListener("abort", () => {
            fail(new DOMException("aborted", "AbortError"));
          });
        }),
    );
    const at = Date.now();
    const one = batch(0);
    outbox.add(one);
    sender.kick();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(batches.postponed).toHaveBeenCalledExactlyOnceWith(one);
    expect(one.triedAt).toBe(at);
  });
});

describe("requests that outlive the page", () => {
  it("are counted in bytes until they are answered", async () => {
    let answer: (response: Response) => void = () => undefined;
    collector.answers = [new Promise((resolve) => (answer = resolve))];
    const one = batch(0);
    sender.sendOutliving(one, 1_000);
    expect(sender.outlivingBytes).toBe(1_000);
    expect(sender.isInFlight(one)).toBe(true);
    answer(refusal(202));
    await settle();
    expect(sender.outlivingBytes).toBe(0);
  });

  it("that fail together are one failure", async () => {
    const failed = () => new TypeError("Failed to fetch");
    collector.answers = [failed(), failed(), failed(), failed(), failed(), failed()];
    const several = [0, 1, 2, 3, 4].map((seq) => batch(seq));
    outbox.add(...several);
    for (const one of several) sender.sendOutliving(one, 10);
    await settle();
    await vi.advanceTimersByTimeAsync(500);
    expect(collector.seqs()).toEqual([0, 1, 2, 3, 4, 0]);
  });
});

describe("a refusal", () => {
  it("of a batch drops that one and goes on", async () => {
    collector.answers = [refusal(400)];
    const [first, second] = [batch(0), batch(1)];
    outbox.add(first, second);
    sender.kick();
    await settle();
    expect(collector.seqs()).toEqual([0, 1]);
    expect(batches.refused).toHaveBeenCalledExactlyOnceWith(first, 400);
  });

  it("of the connection ends it", async () => {
    collector.answers = [refusal(401)];
    outbox.add(batch(0), batch(1));
    sender.kick();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(collector.seqs()).toEqual([0]);
    expect(batches.connectionRefused).toHaveBeenCalledExactlyOnceWith(expect.anything(), 401);
  });
});
