// The playback against a player that only notes what it is told.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";
import { type MakeReplayer, type Opening, type Part, Playback } from "../../src/replay/playback";
import { fullSnapshot, meta, T0, textChange } from "../builders";

class NotingReplayer {
  told: string[] = [];
  time = 0;
  handlers = new Map<string, (payload: unknown) => void>();
  wrapper = document.createElement("div");
  iframe = document.createElement("iframe");
  virtualDom = { scrollData: null };
  service = {
    state: { context: { events: [] as eventWithTime[] } },
    send: (event: unknown) => {
      const { timestamp } = (event as { payload: { event: eventWithTime } }).payload.event;
      this.told.push(timestamp > T0 + 1e12 ? "forget" : `drawn ${timestamp - T0}`);
    },
  };
  play = (at?: number) => {
    this.time = at ?? 0;
    this.told.push(`play ${at ?? 0}`);
  };
  pause = (at?: number) => this.told.push(at === undefined ? "pause" : `pause ${at}`);
  destroy = () => this.told.push("destroy");
  addEvent = (event: eventWithTime | string) => {
    this.service.state.context.events.push(event as eventWithTime);
    this.told.push(`add ${(event as eventWithTime).timestamp - T0}`);
  };
  setConfig = (config: { speed?: number }) => this.told.push(`speed ${config.speed ?? 0}`);
  getCurrentTime = () => this.time;
  on = (name: string, handler: (payload: unknown) => void) => {
    this.handlers.set(name, handler);
  };
  /** What it holds, ms after T0; the first is the playback's own. */
  get holds(): number[] {
    return this.service.state.context.events.map(({ timestamp }) => timestamp - T0);
  }
}

const RECORDED = [meta(0), fullSnapshot(0), textChange(400, "a"), textChange(1_000, "b")];

let made: NotingReplayer[];
let frames: (() => void)[];
let nowAt: number;

/** Of these events, as they are told by what loads them. */
function partOf(events: eventWithTime[], complete = true): Part {
  return {
    from: Math.floor(events[0]?.timestamp ?? 0),
    until: Math.floor(events.at(-1)?.timestamp ?? 0),
    complete,
    bytes: 100,
  };
}

function unopened(opening: Opening): Playback {
  return new Playback(
    opening,
    (() => {
      const replayer = new NotingReplayer();
      made.push(replayer);
      return replayer;
    }) as unknown as MakeReplayer,
    () => nowAt,
  );
}

function open(opening: Opening, events: eventWithTime[] = RECORDED, change: Partial<Part> = {}): Playback {
  const playback = unopened(opening);
  playback.mount(document.createElement("div"));
  playback.setSpan(T0, T0 + 1_000);
  if (events.length > 0) playback.replace(events, { ...partOf(events), ...change });
  return playback;
}

function last(): NotingReplayer {
  const replayer = made.at(-1);
  if (replayer === undefined) throw new Error("No player was made.");
  return replayer;
}

/** A frame of the browser's, in which the player has come this far. */
function frameAt(time: number): void {
  last().time = time;
  const due = frames;
  frames = [];
  for (const frame of due) frame();
}

beforeEach(() => {
  made = [];
  frames = [];
  nowAt = T0;
  vi.stubGlobal("requestAnimationFrame", (frame: () => void) => frames.push(frame));
  vi.stubGlobal("cancelAnimationFrame", () => {
    frames = [];
  });
});

describe("opening", () => {
  it("knows how long the window is, and plays nothing, before any of it is loaded", () => {
    const playback = open({ at: null, playing: true }, []);
    playback.play();
    playback.seek(5);
    expect(playback.state()).toMatchObject({ phase: "empty", totalMs: 1_000, startAt: T0, loaded: null });
    expect(made).toHaveLength(0);
  });

  it("plays from the beginning, as soon as that is loaded", () => {
    const playback = open({ at: null, playing: true }, RECORDED.slice(0, 3), { complete: false });
    expect(playback.state()).toMatchObject({
      phase: "playing",
      positionMs: 0,
      totalMs: 1_000,
      loaded: { fromMs: 0, untilMs: 400 },
      held: { events: 3, bytes: 100 },
    });
    expect(last().told).toEqual(["forget", "play 1", "drawn 0"]);
  });

  it("waits for the moment asked for, and stands there once it is loaded", () => {
    const playback = open({ at: T0 + 700, playing: false }, RECORDED.slice(0, 3), { complete: false });
    expect(playback.state()).toMatchObject({ phase: "empty", positionMs: 700 });
    playback.append(RECORDED.slice(3), partOf(RECORDED));
    expect(playback.state()).toMatchObject({ phase: "paused", positionMs: 700, waiting: false });
    expect(last().told).toEqual(["forget", "pause 701", "drawn 700"]);
  });

  describe("with a page that ends at the first full snapshot", () => {
    const begin = (opening: Opening) => open(opening, RECORDED.slice(0, 2), { complete: false });

    it("shows that, and goes on from it when there is more", () => {
      const playback = begin({ at: null, playing: true });
      expect(playback.state().phase).toBe("playing");
      expect(last().told).toEqual(["forget", "play 1", "drawn 0"]);
      frameAt(1);
      expect(playback.state()).toMatchObject({ positionMs: 0, waiting: true });
      last().told = [];
      playback.append(RECORDED.slice(2), partOf(RECORDED));
      expect(playback.state()).toMatchObject({ phase: "playing", waiting: false });
      expect(last().told).toEqual(["add 400", "add 1000", "speed 1"]);
    });

    it("draws it anew where more of its ms comes", () => {
      const playback = begin({ at: null, playing: true });
      frameAt(1);
      last().told = [];
      playback.append([textChange(0, "of the same ms"), ...RECORDED.slice(2)], partOf(RECORDED));
      expect(last().holds).toEqual([0, 0, 0, 0, 400, 1_000]);
      expect(last().told).toEqual(["speed 1", "forget", "play 1", "drawn 0"]);
      expect(playback.state()).toMatchObject({ phase: "playing", waiting: false });
      expect(made).toHaveLength(1);
    });

    it("waits for all of a moment that is sought", () => {
      const playback = open({ at: null, playing: true }, RECORDED.slice(0, 3), { complete: false });
      playback.seek(700);
      last().told = [];
      const part = [meta(700), fullSnapshot(700)];
      playback.replace(part, { ...partOf(part), complete: false });
      expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 700, waiting: true });
      expect(last().told).toEqual([]);
      playback.append(RECORDED.slice(3), partOf([...part, ...RECORDED.slice(3)]));
      expect(last().told).toEqual(["forget", "play 701", "drawn 700"]);
    });

    it("waits for all of the moment where it is to stand there", () => {
      const playback = begin({ at: T0, playing: false });
      expect(playback.state().phase).toBe("empty");
      expect(made).toHaveLength(0);
      playback.append(RECORDED.slice(2), partOf(RECORDED));
      expect(last().told).toEqual(["forget", "pause 1", "drawn 0"]);
    });
  });

  it("stands at an end when the moment lies outside", () => {
    expect(open({ at: 5, playing: false }).state().positionMs).toBe(0);
    expect(open({ at: T0 + 9_999, playing: false }).state().positionMs).toBe(1_000);
  });

  it("gives the player an event of its own at position 0, whatever part it is given", () => {
    open({ at: T0 + 700, playing: false }, [meta(600), fullSnapshot(600), textChange(1_000, "b")]);
    expect(last().holds).toEqual([0, 600, 600, 1_000]);
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

  it("outside of what is loaded stands still at the moment until it is there, in another part", () => {
    const playback = open({ at: null, playing: true }, RECORDED.slice(0, 3), { complete: false });
    last().told = [];
    playback.seek(900);
    expect(last().told).toEqual(["pause"]);
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 900, waiting: true });
    last().told = [];
    const other = [meta(800), fullSnapshot(800), textChange(850, "c")];
    playback.replace(other, partOf(other, false));
    expect(playback.state()).toMatchObject({ positionMs: 900, waiting: true });
    expect(last().told).toEqual([]);
    playback.append([textChange(1_000, "d")], { ...partOf(other), until: T0 + 1_000 });
    expect(last().holds).toEqual([0, 800, 800, 850, 1_000]);
    expect(last().told).toEqual(["forget", "play 901", "drawn 900"]);
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 900, waiting: false });
    expect(made).toHaveLength(1);
  });

  it("may be paused and played while it waits", () => {
    const playback = open({ at: null, playing: true }, RECORDED.slice(0, 3), { complete: false });
    playback.seek(900);
    playback.pause();
    expect(playback.state()).toMatchObject({ phase: "paused", positionMs: 900, waiting: true });
    playback.play();
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 900, waiting: true });
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

  it("is finished when all of the last ms has been played, and not before", () => {
    const playback = open({ at: null, playing: true });
    frameAt(1_000.5);
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 1_000 });
    frameAt(1_001);
    expect(playback.state()).toMatchObject({ phase: "finished", positionMs: 1_000 });
    expect(frames).toEqual([]);
  });

  it("stops the clock at the end of what is loaded, and goes on without drawing anew", () => {
    const playback = open({ at: null, playing: true }, RECORDED.slice(0, 3), { complete: false });
    last().told = [];
    frameAt(405);
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 400, waiting: true });
    expect(last().told).toEqual(["speed 0"]);
    playback.append(RECORDED.slice(3), partOf(RECORDED));
    expect(last().told).toEqual(["speed 0", "add 1000", "speed 1"]);
    expect(playback.state()).toMatchObject({ phase: "playing", waiting: false });
    frameAt(500);
    expect(playback.state().positionMs).toBe(500);
  });

  it("paused at the end of what is loaded is drawn anew when there is more", () => {
    const playback = open({ at: null, playing: true }, RECORDED.slice(0, 3), { complete: false });
    frameAt(405);
    playback.pause();
    last().told = [];
    playback.append(RECORDED.slice(3), partOf(RECORDED));
    expect(last().told).toEqual(["speed 1", "forget", "pause 401", "drawn 400"]);
  });

  it("keeps the speed, also for a player that is made later", () => {
    const playback = unopened({ at: null, playing: true });
    playback.setSpeed(4);
    playback.setSpan(T0, T0 + 1_000);
    playback.replace(RECORDED, partOf(RECORDED));
    playback.mount(document.createElement("div"));
    expect(last().told[0]).toBe("speed 4");
    playback.setSpeed(0.5);
    expect(last().told.at(-1)).toBe("speed 0.5");
    expect(playback.state().speed).toBe(0.5);
  });
});

describe("a pause of the visitor's", () => {
  const scroll = (at: number): eventWithTime => ({
    type: EventType.IncrementalSnapshot,
    data: { source: IncrementalSource.Scroll, id: 1, x: 0, y: 10 },
    timestamp: T0 + at,
  });
  const IDLE = [meta(0), fullSnapshot(0), scroll(1_000), scroll(61_000), scroll(62_000)];

  it("is passed at a speed that falls as its end comes near, and then plays on as before", () => {
    const playback = open({ at: null, playing: true }, IDLE);
    playback.setSpeed(2);
    playback.setSkipInactivity(true);
    last().told = [];
    frameAt(500);
    expect(playback.state().skipping).toBe(false);
    frameAt(1_000);
    expect(playback.state().skipping).toBe(true);
    frameAt(50_000);
    frameAt(60_100);
    expect(playback.state().skipping).toBe(false);
    expect(last().told).toEqual(["speed 118", "speed 20", "speed 2"]);
  });

  it("is played as it was unless one asks for that, and again when one asks no more", () => {
    const playback = open({ at: null, playing: true }, IDLE);
    last().told = [];
    frameAt(2_000);
    expect(last().told).toEqual([]);
    playback.setSkipInactivity(true);
    frameAt(2_016);
    playback.setSkipInactivity(false);
    expect(last().told.at(-1)).toBe("speed 1");
    expect(playback.state()).toMatchObject({ skipping: false, skipInactivity: false });
  });
});

describe("more events", () => {
  it("are added to the player, and played when it had come to the end", () => {
    const playback = open({ at: null, playing: true });
    frameAt(1_001);
    last().told = [];
    playback.append([textChange(1_500, "c")], partOf([...RECORDED, textChange(1_500, "c")]));
    expect(last().holds).toEqual([0, 0, 0, 400, 1_000, 1_500]);
    expect(last().told).toEqual(["drawn 1000", "play 1001"]);
    expect(playback.state()).toMatchObject({ phase: "playing", totalMs: 1_500 });
    expect(made).toHaveLength(1);
  });

  it("do not move a paused replay", () => {
    const playback = open({ at: T0 + 1_000, playing: false });
    last().told = [];
    playback.append([textChange(1_500, "c")], partOf([...RECORDED, textChange(1_500, "c")]));
    expect(last().told).toEqual([]);
    expect(last().holds.at(-1)).toBe(1_500);
    expect(playback.state()).toMatchObject({ phase: "paused", positionMs: 1_000 });
  });

  it("that lie in the past are put in their place, and the moment is drawn anew", () => {
    const playback = open({ at: T0 + 700, playing: false });
    last().told = [];
    playback.append([textChange(200, "late")], partOf(RECORDED));
    expect(last().holds).toEqual([0, 0, 0, 200, 400, 1_000]);
    expect(last().told).toEqual(["forget", "pause 701", "drawn 700"]);
  });

  it("are handed to a player that plays, in time", () => {
    const playback = open({ at: null, playing: true }, RECORDED.slice(0, 3), { complete: false });
    last().told = [];
    playback.append(RECORDED.slice(3), partOf(RECORDED));
    expect(last().told).toEqual(["add 1000"]);
  });
});

describe("letting go", () => {
  it("leaves what follows the snapshot, and the position where it was", () => {
    const second = [meta(500), fullSnapshot(500), textChange(1_000, "b")];
    const playback = open({ at: T0 + 700, playing: false }, [...RECORDED.slice(0, 3), ...second]);
    last().told = [];
    expect(playback.letGo(T0 + 500)).toBe(3);
    playback.setPart({ from: T0 + 500, until: T0 + 1_000, complete: true, bytes: 50 });
    expect(last().holds).toEqual([0, 500, 500, 1_000]);
    expect(last().told).toEqual([]);
    expect(playback.state()).toMatchObject({
      positionMs: 700,
      held: { events: 3, bytes: 50 },
      loaded: { fromMs: 500, untilMs: 1_000 },
    });
    playback.seek(100);
    expect(playback.state()).toMatchObject({ positionMs: 100, waiting: true });
  });

  it("of nothing is nothing", () => {
    const playback = open({ at: T0, playing: false });
    expect(playback.letGo(T0)).toBe(0);
    expect(last().holds).toHaveLength(5);
  });
});

describe("a visitor who is there", () => {
  const CLOCK = { skewMs: 0, delayMs: 2_000 };

  function follow(): Playback {
    const playback = open({ at: null, playing: true });
    playback.setLive(CLOCK);
    nowAt = T0 + 6_000;
    last().told = [];
    playback.goLive();
    return playback;
  }

  it("is shown as they were a moment ago, also where nothing has happened since", () => {
    const playback = follow();
    expect(last().told).toEqual(["forget", "play 4001", "drawn 4000"]);
    expect(playback.state()).toMatchObject({
      positionMs: 4_000,
      totalMs: 4_000,
      behindMs: 2_000,
      live: true,
    });
    nowAt = T0 + 7_000;
    frameAt(5_000);
    expect(playback.state()).toMatchObject({ phase: "playing", positionMs: 5_000, totalMs: 5_000 });
    expect(playback.state().behindMs).toBe(2_000);
  });

  it("is caught up with by playing faster, and by a jump from far behind", () => {
    const playback = follow();
    nowAt = T0 + 7_000;
    frameAt(4_200);
    expect(last().told.at(-1)).toBe("speed 1.5");
    expect(playback.state().behindMs).toBe(2_800);
    nowAt = T0 + 30_000;
    frameAt(4_300);
    expect(playback.state()).toMatchObject({ positionMs: 28_000, behindMs: 2_000 });
  });

  it("is left by a seek, a pause or another speed, and joined again at the end", () => {
    const playback = follow();
    playback.seek(400);
    expect(playback.state()).toMatchObject({ behindMs: null, live: true, positionMs: 400, phase: "playing" });
    nowAt = T0 + 8_000;
    frameAt(4_001);
    expect(playback.state()).toMatchObject({ behindMs: 2_000, positionMs: 6_000 });
    playback.setSpeed(2);
    expect(playback.state().behindMs).toBeNull();
    playback.goLive();
    expect(playback.state()).toMatchObject({ behindMs: 2_000, speed: 1 });
    playback.pause();
    expect(playback.state()).toMatchObject({ behindMs: null, phase: "paused" });
  });

  it("goes, and what is left plays to its end", () => {
    const playback = follow();
    playback.setLive(null);
    expect(playback.state()).toMatchObject({ behindMs: null, live: false, phase: "playing" });
    frameAt(4_001);
    expect(playback.state()).toMatchObject({ phase: "finished", positionMs: 4_000 });
  });

  it("cannot be followed where nothing tells of them", () => {
    const playback = open({ at: T0, playing: false });
    playback.goLive();
    expect(playback.state()).toMatchObject({ behindMs: null, phase: "paused", positionMs: 0 });
  });
});

it("keeps the moment on screen when a late batch brings an earlier beginning", () => {
  const playback = open({ at: T0 + 400, playing: false });
  playback.setSpan(T0 - 500, T0 + 1_000);
  expect(playback.state()).toMatchObject({ startAt: T0 - 500, positionMs: 900, totalMs: 1_500 });
  expect(made).toHaveLength(2);
  expect(last().holds[0]).toBe(-500);
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
  playback.setSpan(T0, T0 + 1_000);
  playback.replace(RECORDED, partOf(RECORDED));
  expect(playback.state().failure).toBe("no such node");
});

// jsdom has no sandboxed frames, so rrweb draws nothing here; what it draws is tested in a browser.
it("gives rrweb a frame in which no recorded script can run, and takes it away again", () => {
  const root = document.body.appendChild(document.createElement("div"));
  const playback = new Playback({ at: T0, playing: false });
  const unmount = playback.mount(root);
  playback.setSpan(T0, T0 + 1_000);
  playback.replace(RECORDED, partOf(RECORDED));
  expect(root.querySelector("iframe")?.getAttribute("sandbox")).toBe("allow-same-origin");
  unmount();
  expect(root.childElementCount).toBe(0);
});
