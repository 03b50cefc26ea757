// @vitest-environment node
import { beforeEach, describe, expect, it, vi } from "vitest";
import { listen, type LiveListener } from "../../src/replay/liveFeed";
import { textChange } from "../builders";

/** A stream as a browser gives it. */
class Stream {
  readyState = 0;
  closed = false;
  private readonly handlers = new Map<string, (event: { data: string }) => void>();
  constructor(readonly address: string) {}
  addEventListener = (name: string, handler: unknown) => {
    this.handlers.set(name, handler as (event: { data: string }) => void);
  };
  close = () => {
    this.closed = true;
  };
  emit(name: string, data: unknown = null): void {
    this.handlers.get(name)?.({ data: JSON.stringify(data) });
  }
  /** The browser gives up, or tries again itself. */
  fail(givesUp: boolean): void {
    this.readyState = givesUp ? 2 : 0;
    this.emit("error");
  }
}

let streams: Stream[];
let told: string[];
let end: () => void;

const stream = (): Stream => {
  const last = streams.at(-1);
  if (last === undefined) throw new Error("No stream was opened.");
  return last;
};
const listener: LiveListener = {
  began: () => told.push("began"),
  batch: ({ events, receivedAt, bytes }) => told.push(`${events.length} at ${receivedAt}, ${bytes > 50}`),
  lost: () => told.push("lost"),
  found: () => told.push("found"),
  completed: () => told.push("completed"),
  refused: () => told.push("refused"),
};
const batch = (window_id: string) => ({ window_id, seq: 1, received_at: 7, events: [textChange(1, "a")] });

beforeEach(() => {
  streams = [];
  told = [];
  vi.useFakeTimers();
  const open = (address: string) => {
    streams.push(new Stream(address));
    return stream();
  };
  end = listen("/v1/sessions/s/live", "w", listener, open);
  return () => {
    vi.useRealTimers();
  };
});

describe("a stream", () => {
  it("tells of its window's batches, and of no other's", () => {
    stream().emit("open");
    stream().emit("batch", batch("w"));
    stream().emit("batch", batch("another"));
    expect(told).toEqual(["began", "found", "1 at 7, true"]);
  });

  it("that is lost is the browser's to find again", () => {
    stream().emit("open");
    stream().fail(false);
    vi.advanceTimersByTime(60_000);
    stream().emit("open");
    expect(told).toEqual(["began", "found", "lost", "found"]);
    expect(streams).toHaveLength(1);
  });

  it("that the browser has given up is begun anew after a while", () => {
    stream().emit("open");
    stream().fail(true);
    vi.advanceTimersByTime(60_000);
    stream().emit("open");
    expect(told).toEqual(["began", "found", "lost", "began", "found"]);
    expect(streams).toHaveLength(2);
  });

  it("that was never there is not asked for again", () => {
    stream().fail(true);
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual(["began", "refused"]);
    expect(streams).toHaveLength(1);
  });

  it("ends with the session, and the browser is kept from coming back", () => {
    stream().emit("open");
    stream().emit("completed", { completed_at: 9 });
    expect(stream().closed).toBe(true);
    stream().fail(false);
    expect(told).toEqual(["began", "found", "completed"]);
  });

  it("is heard no more when one has left", () => {
    stream().emit("open");
    stream().fail(true);
    end();
    vi.advanceTimersByTime(60_000);
    stream().emit("batch", batch("w"));
    expect(streams).toHaveLength(1);
    expect(stream().closed).toBe(true);
    expect(told).toEqual(["began", "found", "lost"]);
  });
});
