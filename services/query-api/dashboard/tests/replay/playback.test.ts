// The playback against a player that only notes what it is told.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { eventWithTime } from "@rrweb/types";
import { type MakeReplayer, type Opening, Playback } from "../../src/replay/playback";
import { fullSnapshot, meta, T0, textChange } from "../builders";

class NotingReplayer {
  told: string[] = [];
  time = 0;
  handlers = new Map<string, (payload: unknown) => void>();
  wrapper = document.createElement("div");
  iframe = document.createElement("iframe");
  virtualDom = { scrollData: null };
  service = {
    send: (event: unknown) => {
      const { timestamp } = (event as { payload: { event: eventWithTime } }).payload.event;
      this.told.push(timestamp > T0 + 1e12 ? "forget" : `drawn ${timestamp - T0}`);
    },
  };
  play = (at?: number) => this.told.push(`play ${at ?? 0}`);
  pause = (at?: number) => this.told.push(at === undefined ? "pause" : `pause ${at}`);
  destroy = () => this.told.push("destroy");
  addEvent = (event: eventWithTime | string) => {
    this.told.push(`add ${(event as eventWithTime).timestamp - T0}`);
  };
  setConfig = (config: { speed?: number }) => this.told.push(`speed ${config.speed ?? 0}`);
  getCurrentTime = () => this.time;
  on = (name: string, handler: (payload: unknown) => void) => {
    this.handlers.set(name, handler);
  };
}

const RECORDED = [meta(0), fullSnapshot(0), textChange(400, "a"), textChange(1_000, "b")];

let made: NotingReplayer[];

function open(opening: Opening, events: eventWithTime[] = RECORDED): Playback {
  const playback = new Playback(opening, (() => {
    const replayer = new NotingReplayer();
    made.push(replayer);
    return replayer;
  }) as unknown as MakeReplayer);
  playback.mount(document.createElement("div"));
  playback.feed(events);
  return playback;
}

function last(): NotingReplayer {
  const replayer = made.at(-1);
  if (replayer === undefined) throw new Error("No player was made.");
  return replayer;
}

beforeEach(() => {
  made = [];
  vi.stubGlobal("requestAnimationFrame", () => 1);
  vi.stubGlobal("cancelAnimationFrame", () => undefined);
});

describe("opening", () => {
  it("has nothing to play before it is fed", () => {
    const playback = open({ at: null, playing: true }, []);
    playback.play();
    playback.seek(5);
    expect(playback.state()).toMatchObject({ phase: "empty", totalMs: 0 });
    expect(made).toHaveLength(0);
  });

  it("plays from the beginning", () => {
    const playback = open({ at: null, playing: true });
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 0, totalMs: 1_000, startAt: T0 });
    expect(last().told).toEqual(["forget", "play 1", "drawn 0"]);
  });

  it("stands at the moment asked for, and at an end when that lies outside", () => {
    expect(open({ at: T0 + 400, playing: false }).state()).toMatchObject({
      phase: "paused",
      positionMs: 400,
    });
    expect(open({ at: 5, playing: false }).state().positionMs).toBe(0);
    expect(open({ at: T0 + 9_999, playing: false }).state().positionMs).toBe(1_000);
  });

  it("rounds up what is recorded in fractions, so that the last event can be reached", () => {
    expect(
      open({ at: null, playing: false }, [meta(0), fullSnapshot(0), textChange(10.5, "a")]).state().totalMs,
    ).toBe(11);
  });
});

describe("seeking", () => {
  it("draws everything up to and including the moment, from a snapshot", () => {
    const playback = open({ at: T0, playing: false });
    last().told = [];
    playback.seek(400);
    expect(last().told).toEqual(["forget", "pause 401", "drawn 400"]);
    expect(playback.state()).toMatchObject({ phase: "paused", positionMs: 400 });
  });

  it("goes on playing when it was", () => {
    const playback = open({ at: null, playing: true });
    last().told = [];
    playback.seek(700);
    expect(last().told).toEqual(["forget", "play 701", "drawn 700"]);
    expect(playback.state().phase).toBe("playing");
  });

  it("stays inside the recording", () => {
    const playback = open({ at: T0, playing: false });
    playback.seek(-50);
    expect(playback.state().positionMs).toBe(0);
    playback.seek(1e9);
    expect(playback.state().positionMs).toBe(1_000);
  });
});

describe("playing", () => {
  it("pauses where it is and goes on from there without drawing anew", () => {
    const playback = open({ at: null, playing: true });
    last().told = [];
    last().time = 345.6;
    playback.pause();
    expect(playback.state()).toMatchObject({ phase: "paused", positionMs: 345 });
    playback.play();
    expect(last().told).toEqual(["pause", "drawn 345", "play 346"]);
  });

  it("starts over from the end", () => {
    const playback = open({ at: T0 + 1_000, playing: false });
    playback.play();
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 0 });
  });

  it("is finished when the player says so at the end, and not before", () => {
    const playback = open({ at: null, playing: true });
    last().time = 500;
    last().handlers.get("finish")?.(undefined);
    expect(playback.state().phase).toBe("playing");
    last().time = 1_004;
    last().handlers.get("finish")?.(undefined);
    expect(playback.state()).toMatchObject({ phase: "finished", positionMs: 1_000 });
  });

  it("does not take a late word of the end for one while it is paused", () => {
    const playback = open({ at: T0 + 1_000, playing: false });
    last().handlers.get("finish")?.(undefined);
    expect(playback.state().phase).toBe("paused");
  });

  it("keeps the speed, also for a player that is made later", () => {
    const playback = open({ at: null, playing: true });
    playback.setSpeed(4);
    expect(last().told.at(-1)).toBe("speed 4");
    expect(playback.state().speed).toBe(4);
  });
});

describe("more events", () => {
  it("are added to the player, and played when it had come to the end", () => {
    const playback = open({ at: null, playing: true });
    last().time = 1_000;
    last().handlers.get("finish")?.(undefined);
    last().told = [];
    playback.feed([...RECORDED, textChange(1_500, "c")]);
    expect(last().told).toEqual(["add 1500", "drawn 1000", "play 1001"]);
    expect(playback.state()).toMatchObject({ phase: "playing", totalMs: 1_500 });
    expect(made).toHaveLength(1);
  });

  it("do not move a paused replay", () => {
    const playback = open({ at: T0 + 1_000, playing: false });
    last().told = [];
    playback.feed([...RECORDED, textChange(1_500, "c")]);
    expect(last().told).toEqual(["add 1500"]);
    expect(playback.state()).toMatchObject({ phase: "paused", positionMs: 1_000 });
  });

  it("that lie in the past are drawn by a new player, at the same place", () => {
    const playback = open({ at: T0 + 700, playing: false });
    playback.feed([...RECORDED.slice(0, 2), textChange(200, "late"), ...RECORDED.slice(2)]);
    expect(made).toHaveLength(2);
    expect(made[0]?.told.at(-1)).toBe("destroy");
    expect(last().told).toEqual(["forget", "pause 701", "drawn 700"]);
  });

  it("are nothing when they are the same", () => {
    const playback = open({ at: T0, playing: false });
    last().told = [];
    playback.feed([...RECORDED]);
    expect(last().told).toEqual([]);
  });
});

it("keeps its place when it is taken off the page and put on another", () => {
  const playback = open({ at: T0 + 400, playing: false });
  const root = document.createElement("div");
  playback.mount(root);
  expect(playback.state().positionMs).toBe(400);
});

it("tells why nothing can be drawn", () => {
  const playback = new Playback({ at: null, playing: true }, () => {
    throw new Error("no such node");
  });
  playback.mount(document.createElement("div"));
  playback.feed(RECORDED);
  expect(playback.state().failure).toBe("no such node");
});

// jsdom has no sandboxed frames, so rrweb draws nothing here; what it draws is tested in a browser.
it("gives rrweb a frame in which no recorded script can run, and takes it away again", () => {
  const root = document.body.appendChild(document.createElement("div"));
  const playback = new Playback({ at: T0, playing: false });
  const unmount = playback.mount(root);
  playback.feed(RECORDED);
  expect(root.querySelector("iframe")?.getAttribute("sandbox")).toBe("allow-same-origin");
  unmount();
  expect(root.childElementCount).toBe(0);
});
