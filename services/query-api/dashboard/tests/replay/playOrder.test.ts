// @vitest-environment node
import type { eventWithTime } from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { extendsBy, PlayOrder } from "../../src/replay/playOrder";
import { adopted, fullSnapshot, meta, T0, textChange } from "../builders";

function playOrder(...pages: eventWithTime[][]): { events: eventWithTime[]; undrawable: number } {
  const order = new PlayOrder();
  const events = pages.flatMap((page) => order.take(page));
  events.push(...order.rest());
  return { events, undrawable: order.undrawable };
}

const offsets = (events: { timestamp: number }[]) => events.map(({ timestamp }) => timestamp - T0);

describe("the order of play", () => {
  it("is the recorded one when Meta and FullSnapshot are one moment", () => {
    const recorded = [meta(0), fullSnapshot(0), textChange(10, "a"), meta(20), fullSnapshot(20)];
    expect(playOrder(recorded)).toEqual({ events: recorded, undrawable: 0 });
  });

  it("moves a Meta to its FullSnapshot, so that a jump between them finds the page before", () => {
    const { events } = playOrder([
      meta(0),
      fullSnapshot(300),
      textChange(400, "a"),
      meta(900),
      fullSnapshot(1_250),
    ]);
    expect(offsets(events)).toEqual([300, 300, 400, 1_250, 1_250]);
    expect(events.map(({ type }) => type)).toEqual([4, 2, 3, 4, 2]);
  });

  it("leaves the recorded events as they were", () => {
    const recorded = [meta(0), fullSnapshot(300)];
    playOrder(recorded);
    expect(offsets(recorded)).toEqual([0, 300]);
  });

  it("plays what came between the two after the snapshot", () => {
    const { events, undrawable } = playOrder([meta(0), textChange(100, "early"), fullSnapshot(300)]);
    expect(offsets(events)).toEqual([300, 300, 300]);
    expect(events.map(({ type }) => type)).toEqual([4, 2, 3]);
    expect(undrawable).toBe(0);
  });

  it("begins at the first Meta with a FullSnapshot and counts what has no page", () => {
    const { events, undrawable } = playOrder([
      textChange(0, "lost"),
      meta(10),
      textChange(20, "its snapshot is lost"),
      meta(30),
      fullSnapshot(40),
      textChange(50, "seen"),
    ]);
    expect(offsets(events)).toEqual([40, 40, 50]);
    expect(undrawable).toBe(2);
  });

  it.each([
    ["nothing", []],
    ["no Meta", [fullSnapshot(0), textChange(1, "a")]],
    ["no FullSnapshot", [meta(0), textChange(1, "a")]],
  ])("is empty with %s", (_, recorded) => {
    expect(playOrder(recorded).events).toEqual([]);
  });

  it("keeps style sheets that were adopted just before the Meta of their page", () => {
    const { events } = playOrder([
      adopted(0),
      meta(5),
      fullSnapshot(10),
      textChange(20, "a"),
      adopted(30),
      meta(40),
      fullSnapshot(50),
    ]);
    expect(offsets(events)).toEqual([10, 10, 10, 20, 50, 50, 50]);
    expect(events.map(({ type }) => type)).toEqual([4, 2, 3, 3, 4, 2, 3]);
  });

  it("is the same however the events are cut into pages", () => {
    const recorded = [
      textChange(-5, "lost"),
      adopted(-1),
      meta(0),
      adopted(1),
      fullSnapshot(10),
      textChange(20, "a"),
      adopted(30),
      meta(40),
      fullSnapshot(50),
      adopted(60),
    ];
    const whole = playOrder(recorded);
    expect(playOrder(...recorded.map((event) => [event]))).toEqual(whole);
    expect(whole.undrawable).toBe(1);
    expect(offsets(whole.events)).toEqual([10, 10, 10, 10, 20, 50, 50, 50, 60]);
  });

  it("holds a Meta back whose snapshot is still to come, and gives both when it has come", () => {
    const order = new PlayOrder();
    expect(offsets(order.take([meta(0), fullSnapshot(0), textChange(10, "a"), meta(20)]))).toEqual([
      0, 0, 10,
    ]);
    expect(order.rest()).toEqual([]);
    expect(offsets(order.take([fullSnapshot(25), textChange(30, "b")]))).toEqual([25, 25, 30]);
  });
});

describe("a page that is read again", () => {
  const a = textChange(1, "a");
  const b = textChange(2, "b");
  const late = textChange(1, "late");

  it("extends what was read where all that is new is at its end", () => {
    expect(extendsBy([a], [a, b])).toBe(true);
    expect(extendsBy([], [a])).toBe(true);
    expect(extendsBy([a, b], [a])).toBe(false);
    expect(extendsBy([a, b], [a, late, b])).toBe(false);
    expect(extendsBy([a, b], [late, b])).toBe(false);
  });

  it("is not confused by what the player writes on the events", () => {
    expect(extendsBy([{ ...a, delay: 5 }], [a, b])).toBe(true);
  });
});
