// @vitest-environment node
import { EventType, type eventWithTime } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { unreachable } from "../../src/api/problem";
import { AHEAD_BYTES, BEHIND_BYTES, FIRST_PAGE_BYTES, PAGE_BYTES } from "../../src/replay/held";
import type { Part } from "../../src/replay/playback";
import { type LoadedPage, type PageStart, Recording, type WindowFacts } from "../../src/replay/recording";
import { fullSnapshot, meta, T0, textChange } from "../builders";

/** A player that only holds what it is given. */
class Holder {
  events: eventWithTime[] = [];
  part: Part | null = null;
  replaced = 0;
  replace = (events: readonly eventWithTime[], part: Part) => {
    this.events = [...events];
    this.part = part;
    this.replaced += 1;
  };
  append = (events: readonly eventWithTime[], part: Part) => {
    this.events.push(...events);
    this.part = part;
  };
  letGo = (keepAt: number) => {
    const count = this.events.findIndex(
      ({ type, timestamp }) => type === EventType.Meta && timestamp >= keepAt,
    );
    this.events.splice(0, count);
    return count;
  };
  setPart = (part: Part) => {
    this.part = part;
  };
}

interface Call {
  start: PageStart;
  limitBytes: number;
  signal: AbortSignal;
  answer: (page: LoadedPage) => Promise<void>;
  refuse: (error: Error) => Promise<void>;
}

/** All that was put off by what has just happened. */
const settled = () => new Promise((done) => setTimeout(done, 0));

function setUp(change: Partial<WindowFacts> = {}) {
  const calls: Call[] = [];
  const holder = new Holder();
  let left = 0;
  const recording = new Recording(
    (start, limitBytes, signal) =>
      new Promise((resolve, reject) => {
        calls.push({
          start,
          limitBytes,
          signal,
          answer: async (page) => {
            resolve(page);
            await settled();
          },
          refuse: async (error) => {
            reject(error);
            await settled();
          },
        });
      }),
    holder,
    () => {
      left += 1;
    },
  );
  const facts: WindowFacts = {
    startAt: T0,
    whole: true,
    snapshots: [T0],
    moreSnapshots: false,
    events: 4,
    ...change,
  };
  const call = (index: number): Call => {
    const found = calls.at(index);
    if (found === undefined) throw new Error(`There was no call ${index}.`);
    return found;
  };
  return { recording, holder, calls, call, facts, left: () => left };
}

const opening = [meta(0), fullSnapshot(0), textChange(10, "a")];
const page = (events: eventWithTime[], nextCursor: string | null, bytes = 1_000): LoadedPage => ({
  events,
  bytes,
  nextCursor,
});

describe("a recording", () => {
  it("asks for nothing before the window is known and the playhead somewhere", () => {
    const { recording, calls, facts } = setUp();
    recording.follow(T0);
    expect(calls).toEqual([]);
    recording.describe(facts);
    expect(calls).toHaveLength(1);
  });

  it("hands a small first page to the player before it asks for the next, larger one", async () => {
    const { recording, calls, call, holder, facts } = setUp();
    recording.describe(facts);
    recording.follow(T0);
    expect(call(0)).toMatchObject({ start: { at: null, cursor: null }, limitBytes: FIRST_PAGE_BYTES });
    await call(0).answer(page(opening, "2"));
    expect(holder.events).toEqual(opening);
    expect(holder.part).toEqual({ from: T0, until: T0 + 10, complete: false, bytes: 1_000 });
    expect(call(1)).toMatchObject({ start: { at: null, cursor: "2" }, limitBytes: PAGE_BYTES });
    await call(1).answer(page([textChange(20, "b")], null));
    expect(holder.part).toEqual({ from: T0, until: T0 + 20, complete: true, bytes: 2_000 });
    expect(calls).toHaveLength(2);
  });

  it("asks for no more while enough lies ahead, and goes on when the playhead has come nearer", async () => {
    const { recording, calls, call, facts } = setUp();
    recording.describe(facts);
    recording.follow(T0);
    await call(0).answer(page(opening, "2"));
    await call(1).answer(page([textChange(20, "b"), textChange(90, "c")], "3", AHEAD_BYTES));
    expect(calls).toHaveLength(2);
    recording.follow(T0 + 15);
    expect(calls).toHaveLength(2);
    recording.follow(T0 + 21);
    expect(call(2).start).toEqual({ at: null, cursor: "3" });
  });

  it("begins at the first playable moment where what comes before cannot be drawn", () => {
    const { recording, call, facts } = setUp({ whole: false });
    recording.describe(facts);
    recording.follow(T0);
    expect(call(0).start).toEqual({ at: T0, cursor: null });
  });

  it("loads from the snapshot before a moment that is not held, in the place of what was", async () => {
    const { recording, call, holder, facts } = setUp({ snapshots: [T0, T0 + 5_000] });
    recording.describe(facts);
    recording.follow(T0);
    await call(0).answer(page(opening, "2"));
    recording.follow(T0 + 6_000);
    expect(call(1).signal.aborted).toBe(true);
    expect(call(2)).toMatchObject({ start: { at: T0 + 6_000, cursor: null }, limitBytes: FIRST_PAGE_BYTES });
    expect(holder.events).toEqual(opening);
    const second = [meta(5_000), fullSnapshot(5_000), textChange(5_500, "b")];
    await call(2).answer(page(second, "9"));
    expect(holder.events).toEqual(second);
    expect(holder.part).toMatchObject({ from: T0 + 5_000, until: T0 + 5_500 });
    expect(call(3).start).toEqual({ at: T0 + 6_000, cursor: "9" });
  });

  it("asks for one place at a time while the scrubber is dragged, and then for the last one", async () => {
    const { recording, calls, call, holder, facts } = setUp({ snapshots: [T0, T0 + 5_000, T0 + 8_000] });
    recording.describe(facts);
    recording.follow(T0);
    await call(0).answer(page(opening, "2"));
    recording.follow(T0 + 6_000);
    recording.follow(T0 + 7_000);
    recording.follow(T0 + 8_500);
    expect(calls).toHaveLength(3);
    await call(2).answer(page([meta(5_000), fullSnapshot(5_000), textChange(5_500, "b")], "9"));
    expect(call(3).start).toEqual({ at: T0 + 8_500, cursor: null });
    await call(3).answer(page([meta(8_000), fullSnapshot(8_000), textChange(9_000, "c")], null));
    expect(holder.part).toMatchObject({ from: T0 + 8_000, complete: true });
  });

  it("lets go of what lies far behind, and loads it again when it is wanted", async () => {
    const { recording, call, holder, facts } = setUp({ snapshots: [T0, T0 + 1_000, T0 + 2_000] });
    recording.describe(facts);
    recording.follow(T0);
    await call(0).answer(page(opening, "2"));
    await call(1).answer(page([meta(1_000), fullSnapshot(1_000), textChange(1_100, "b")], "3", BEHIND_BYTES));
    recording.follow(T0 + 1_050);
    await call(2).answer(
      page([meta(2_000), fullSnapshot(2_000), textChange(2_500, "c")], null, BEHIND_BYTES),
    );
    expect(holder.events).toHaveLength(6);
    recording.follow(T0 + 2_100);
    expect(holder.events).toHaveLength(3);
    expect(holder.part).toEqual({ from: T0 + 2_000, until: T0 + 2_500, complete: true, bytes: BEHIND_BYTES });
    recording.follow(T0 + 5);
    expect(call(3).start).toEqual({ at: T0 + 5, cursor: null });
  });

  it("holds a bounded part of an hour that plays from its beginning to its end", async () => {
    // A page a second, a full snapshot every minute: 3,600 pages of 128 KiB, 450 MB in all.
    const BYTES = 128 * 1024;
    const snapshots = Array.from({ length: 60 }, (_, minute) => T0 + minute * 60_000);
    const { recording, calls, call, holder, facts } = setUp({ snapshots });
    recording.describe(facts);
    const second = (n: number) => {
      const at = n * 1_000;
      const begins = n % 60 === 0 ? [meta(at), fullSnapshot(at)] : [];
      return page([...begins, textChange(at + 500, String(n))], n < 3_599 ? String(n + 1) : null, BYTES);
    };
    let answered = 0;
    let mostBytes = 0;
    let mostEvents = 0;
    for (let n = 0; n < 3_600; n += 1) {
      recording.follow(T0 + n * 1_000);
      while (calls.length > answered) {
        await call(answered).answer(second(answered));
        answered += 1;
      }
      expect(holder.part?.until).toBeGreaterThanOrEqual(T0 + n * 1_000);
      mostBytes = Math.max(mostBytes, holder.part?.bytes ?? 0);
      mostEvents = Math.max(mostEvents, holder.events.length);
    }
    expect(answered).toBe(3_600);
    expect(holder.part?.complete).toBe(true);
    // What lies behind is cut at snapshots, so at most one minute more than it may be.
    expect(mostBytes).toBeLessThanOrEqual(AHEAD_BYTES + BEHIND_BYTES + 60 * BYTES + PAGE_BYTES);
    expect(mostEvents).toBeLessThan(400);
  });

  it("keeps what it has when a page fails, and goes on when asked to", async () => {
    const { recording, calls, call, holder, facts } = setUp();
    recording.describe(facts);
    recording.follow(T0);
    await call(0).answer(page(opening, "2"));
    await call(1).refuse(unreachable());
    expect(recording.state().problem?.reason).toBe("unreachable");
    expect(holder.events).toEqual(opening);
    recording.follow(T0 + 5);
    expect(calls).toHaveLength(2);
    recording.retry();
    expect(recording.state().problem).toBeNull();
    expect(call(2).start).toEqual({ at: null, cursor: "2" });
  });

  it("is blank when all of it is read and nothing can be drawn", async () => {
    const { recording, call, holder, facts } = setUp();
    recording.describe(facts);
    recording.follow(T0);
    await call(0).answer(page([textChange(0, "lost")], "2"));
    expect(recording.state()).toMatchObject({ blank: false, undrawable: 1 });
    await call(1).answer(page([textChange(1, "lost, too")], null));
    expect(recording.state()).toMatchObject({ blank: true, undrawable: 2 });
    expect(holder.part).toBeNull();
  });

  it("takes up again what was under way when it was closed", async () => {
    const { recording, call, holder, facts } = setUp();
    recording.describe(facts);
    recording.follow(T0);
    recording.close();
    expect(call(0).signal.aborted).toBe(true);
    await call(0).answer(page(opening, null));
    expect(holder.events).toEqual([]);
    recording.describe(facts);
    await call(1).answer(page(opening, null));
    expect(holder.events).toEqual(opening);
  });
});

describe("a recording that grows", () => {
  async function read(): Promise<ReturnType<typeof setUp>> {
    const all = setUp({ events: 3 });
    all.recording.describe(all.facts);
    all.recording.follow(T0);
    await all.call(0).answer(page(opening, null));
    expect(all.calls).toHaveLength(1);
    return all;
  }

  it("is given what was added to its end, which is read once for each growth", async () => {
    const { recording, calls, call, holder, facts } = await read();
    recording.describe({ ...facts, events: 5 });
    expect(call(1).start).toEqual({ at: null, cursor: null });
    await call(1).answer(page([...opening, textChange(20, "b")], "2"));
    expect(call(2).start).toEqual({ at: null, cursor: "2" });
    await call(2).answer(page([textChange(30, "c")], null));
    expect(holder.events).toEqual([...opening, textChange(20, "b"), textChange(30, "c")]);
    expect(holder.replaced).toBe(1);
    recording.describe({ ...facts, events: 5 });
    expect(calls).toHaveLength(3);
  });

  it("is begun anew at the playhead when late events lie before its end", async () => {
    const { recording, call, holder, facts } = await read();
    recording.describe({ ...facts, events: 4 });
    const withLate = [meta(0), fullSnapshot(0), textChange(5, "late"), textChange(10, "a")];
    await call(1).answer(page(withLate, null));
    await call(2).answer(page(withLate, null));
    expect(holder.events).toEqual(withLate);
    expect(holder.replaced).toBe(2);
  });
});

describe("following a visitor", () => {
  const batch = (at: number) => [meta(at), fullSnapshot(at), textChange(at + 10, "live")];

  async function follow(): Promise<ReturnType<typeof setUp>> {
    const all = setUp();
    all.recording.describe(all.facts);
    all.recording.follow(T0);
    await all.call(0).answer(page(opening, "2"));
    all.recording.beginLive();
    return all;
  }

  it("takes its events in the place of what is loaded, and loads nothing", async () => {
    const { recording, calls, call, holder } = await follow();
    expect(call(1).signal.aborted).toBe(true);
    expect(recording.takeLive([textChange(8_999, "of a page that is not known")], 10)).toBe(false);
    expect(recording.takeLive(batch(9_000), 500)).toBe(true);
    expect(holder.events).toEqual(batch(9_000));
    expect(holder.part).toMatchObject({ from: T0 + 9_000, complete: true });
    recording.follow(T0 + 9_500);
    recording.takeLive([textChange(9_600, "b")], 100);
    expect(holder.events).toHaveLength(4);
    expect(calls).toHaveLength(2);
  });

  it("ends when the playhead goes back behind it, which is loaded", async () => {
    const { recording, call, left } = await follow();
    recording.takeLive(batch(9_000), 500);
    recording.follow(T0 + 9_500);
    recording.follow(T0 + 9_000);
    expect(left()).toBe(0);
    recording.follow(T0 + 100);
    expect(left()).toBe(1);
    expect(call(-1).start).toEqual({ at: T0 + 100, cursor: null });
  });

  it("ends when too much lies unseen before a playhead that stands", async () => {
    const { recording, holder, left, facts, call } = await follow();
    recording.takeLive(batch(9_000), 500);
    recording.follow(T0 + 9_005);
    recording.takeLive([textChange(9_900, "b")], AHEAD_BYTES);
    recording.describe(facts);
    expect(left()).toBe(1);
    expect(call(-1).start).toEqual({ at: T0 + 9_005, cursor: null });
    expect(recording.takeLive([textChange(9_950, "c")], 10)).toBe(false);
    expect(holder.events).toHaveLength(4);
  });

  it("lets go of what lies far behind", async () => {
    const { recording, holder } = await follow();
    recording.takeLive(batch(9_000), BEHIND_BYTES);
    recording.follow(T0 + 9_005);
    recording.takeLive(batch(20_000), BEHIND_BYTES);
    recording.follow(T0 + 20_005);
    expect(holder.events).toEqual(batch(20_000));
  });

  it("leaves what was told when the visitor has gone", async () => {
    const { recording, calls, holder } = await follow();
    recording.takeLive(batch(9_000), 500);
    recording.follow(T0 + 9_005);
    recording.endLive(true);
    expect(holder.events).toEqual(batch(9_000));
    expect(calls).toHaveLength(2);
  });

  it("loads the moment again when the stream is refused", async () => {
    const { recording, call } = await follow();
    recording.endLive(false);
    expect(call(-1).start).toEqual({ at: null, cursor: null });
  });
});
