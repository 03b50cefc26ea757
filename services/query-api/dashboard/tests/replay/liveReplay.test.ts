// @vitest-environment node
import { beforeEach, describe, expect, it } from "vitest";
import { LEAST_DELAY_MS, type LiveClock } from "../../src/replay/live";
import type { LiveListener } from "../../src/replay/liveFeed";
import { LiveReplay } from "../../src/replay/liveReplay";
import type { Playback } from "../../src/replay/playback";
import { fullSnapshot, T0, textChange } from "../builders";

let told: string[];
let drawn: boolean;
let behindMs: number | null;
let feed: LiveListener;
let clock: LiveClock | null;
let nowAt: number;
let live: LiveReplay;

beforeEach(() => {
  told = [];
  drawn = true;
  behindMs = null;
  clock = null;
  nowAt = T0 + 1_000;
  live = new LiveReplay(
    "/live",
    "w",
    {
      beginLive: () => told.push("recording begins"),
      takeLive: (events) => {
        told.push(`recording takes ${events.length}`);
        return drawn;
      },
      endLive: (all) => told.push(`recording ends, ${all ? "all told" : "loads again"}`),
    },
    {
      setLive: (set) => {
        clock = set;
      },
      goLive: () => {
        told.push("playback joins");
        behindMs = 2_000;
      },
      state: () => ({ behindMs }) as ReturnType<Playback["state"]>,
    },
    () => nowAt,
    (_address, _window, listener) => {
      feed = listener;
      listener.began();
      return () => told.push("feed ends");
    },
  );
});

const batch = (at: number, receivedAt: number) => ({
  events: [fullSnapshot(at), textChange(at + 10, "a")],
  receivedAt: T0 + receivedAt,
  bytes: 10,
});

describe("following a visitor", () => {
  it("joins them with the first batch that can be drawn, and adds what follows", () => {
    live.start(0);
    expect(live.state()).toBe("coming");
    drawn = false;
    feed.batch(batch(0, 500));
    drawn = true;
    feed.batch(batch(400, 700));
    feed.batch(batch(600, 900));
    expect(told).toEqual([
      "recording begins",
      "recording takes 2",
      "recording takes 2",
      "playback joins",
      "recording takes 2",
    ]);
    expect(live.state()).toBe("on");
  });

  it("stays as far behind as the batches are late", () => {
    live.start(100);
    nowAt = T0 + 6_000;
    feed.batch(batch(-9_000, 5_000));
    expect(clock).toEqual({ skewMs: 100, delayMs: LEAST_DELAY_MS });
    feed.batch(batch(1_000, 5_000));
    expect(clock).toEqual({ skewMs: 100, delayMs: 6_000 - 1_100 + 250 });
  });

  it("says when the connection is away, and when it is back", () => {
    live.start(0);
    feed.found();
    feed.batch(batch(0, 500));
    feed.lost();
    expect(live.state()).toBe("lost");
    feed.found();
    expect(live.state()).toBe("on");
  });

  it("joins them anew after a stream that begins anew", () => {
    live.start(0);
    feed.batch(batch(0, 500));
    feed.lost();
    feed.began();
    feed.batch(batch(0, 500));
    expect(told.filter((what) => what === "playback joins")).toHaveLength(2);
  });

  it("leaves who looks at something else where they are when a stream begins anew", () => {
    live.start(0);
    feed.batch(batch(0, 500));
    behindMs = null;
    feed.began();
    expect(told.slice(-2)).toEqual(["feed ends", "recording ends, loads again"]);
    expect(live.state()).toBe("off");
    expect(clock).toBeNull();
  });

  it("ends with the session", () => {
    live.start(0);
    feed.batch(batch(0, 500));
    feed.completed();
    expect(told.at(-1)).toBe("recording ends, all told");
    expect(live.state()).toBe("ended");
    expect(clock).toBeNull();
  });

  it("lets the recording be loaded where there is no stream", () => {
    live.start(0);
    feed.refused();
    expect(told.at(-1)).toBe("recording ends, loads again");
    expect(live.state()).toBe("refused");
  });

  it("goes back to them without a new stream while there is one, and with one when there is none", () => {
    live.start(0);
    feed.batch(batch(0, 500));
    live.start(0);
    expect(told.filter((what) => what === "recording begins")).toHaveLength(1);
    live.stop();
    live.start(0);
    expect(told.slice(-3)).toEqual(["playback joins", "feed ends", "recording begins"]);
  });

  it("sets no clock for a batch with which it ended", () => {
    live.start(0);
    const take = feed.batch.bind(feed);
    live.stop();
    take(batch(0, 500));
    expect(clock).toBeNull();
  });
});
