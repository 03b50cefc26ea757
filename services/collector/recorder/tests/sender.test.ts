import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox } from "../src/outbox";
import { post } from "../src/post";
import { Sender } from "../src/sender";
import { batch, FakeCollector, refusal, settings } from "./builders";

let collector: FakeCollector;
let outbox: Outbox;
let sender: Sender;
const refusals = { batchRefused: vi.fn(), connectionRefused: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
  collector = new FakeCollector();
  outbox = new Outbox(1_000);
  sender = new Sender(outbox, (one, keepalive) => post(settings, one, keepalive), refusals);
  refusals.batchRefused.mockReset();
  refusals.connectionRefused.mockReset();
});
afterEach(() => {
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

  it("waits as long as Retry-After asks", async () => {
    collector.answers = [refusal(503, { "Retry-After": "9" })];
    outbox.add(batch(0));
    sender.kick();
    await vi.advanceTimersByTimeAsync(8_999);
    expect(collector.seqs()).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(collector.seqs()).toEqual([0, 0]);
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
});

describe("a refusal", () => {
  it("of a batch drops that one and goes on", async () => {
    collector.answers = [refusal(400)];
    outbox.add(batch(0), batch(1));
    sender.kick();
    await settle();
    expect(collector.seqs()).toEqual([0, 1]);
    expect(refusals.batchRefused).toHaveBeenCalledExactlyOnceWith(400);
  });

  it("of the connection drops all and ends", async () => {
    collector.answers = [refusal(401)];
    outbox.add(batch(0), batch(1));
    sender.kick();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(collector.seqs()).toEqual([0]);
    expect(outbox.all()).toEqual([]);
    expect(refusals.connectionRefused).toHaveBeenCalledExactlyOnceWith(401);
  });
});

describe("the outbox", () => {
  it("says that it is full beyond its bound, until half of it is free", () => {
    const batches = [0, 1, 2].map((seq) => batch(seq, "x".repeat(400)));
    for (const one of batches) outbox.add(one);
    expect(outbox.full).toBe(true);
    outbox.remove(batches[0] as never);
    expect(outbox.full).toBe(true);
    outbox.remove(batches[1] as never);
    expect(outbox.full).toBe(false);
  });
});
