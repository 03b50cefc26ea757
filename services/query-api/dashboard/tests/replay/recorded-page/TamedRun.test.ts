// Given events that come in order or late, when they are put into a run, then all of it is tamed and in order.
import {
  EventType,
  IncrementalSource,
  NodeType,
  type eventWithTime,
  type serializedNodeWithId,
} from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { TamedRun } from "../../../src/replay/recorded-page/TamedRun";
import { T0 } from "../../builders";

const FRAME = 7;
const ELSEWHERE = "https://elsewhere.example/";

const element = (tagName: string, id: number): serializedNodeWithId => ({
  type: NodeType.Element,
  id,
  tagName,
  attributes: {},
  childNodes: [],
});
const snapshot = (at: number, ...childNodes: serializedNodeWithId[]): eventWithTime => ({
  type: EventType.FullSnapshot,
  data: { node: { type: NodeType.Document, id: 1, childNodes }, initialOffset: { top: 0, left: 0 } },
  timestamp: T0 + at,
});
const mutation = (at: number, change: object): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: { source: IncrementalSource.Mutation, adds: [], removes: [], texts: [], attributes: [], ...change },
  timestamp: T0 + at,
});
const adding = (at: number, node: serializedNodeWithId) =>
  mutation(at, { adds: [{ parentId: 1, nextId: null, node }] });
const giving = (at: number, id: number) =>
  mutation(at, { attributes: [{ id, attributes: { src: ELSEWHERE } }] });

const connects = (events: readonly eventWithTime[]) => JSON.stringify(events).includes('"src"');
const times = (run: TamedRun) => run.events.map(({ timestamp }) => timestamp - T0);

describe("a frame's address is taken out", () => {
  it("of what replaces, and of what follows it", () => {
    const run = new TamedRun();
    run.replace([snapshot(0, element("iframe", FRAME)), giving(1, FRAME)]);
    expect(connects(run.events)).toBe(false);
    expect(connects(run.add([giving(2, FRAME)]))).toBe(false);
    expect(times(run)).toEqual([0, 1, 2]);
  });

  it("where the frame itself comes late", () => {
    const run = new TamedRun();
    run.replace([snapshot(0, element("img", FRAME)), snapshot(10)]);
    run.add([giving(30, FRAME)]);
    expect(connects(run.events)).toBe(false);
    run.add([adding(20, element("iframe", FRAME)), giving(25, FRAME)]);
    expect(connects(run.events)).toBe(false);
    expect(times(run)).toEqual([0, 10, 20, 25, 30]);
  });

  it("of a late event of an earlier page", () => {
    const run = new TamedRun();
    run.replace([snapshot(0, element("iframe", FRAME)), snapshot(10, element("img", FRAME))]);
    const added = run.add([giving(5, FRAME)]);
    expect(added).toHaveLength(1);
    expect(connects(added)).toBe(false);
    expect(connects(run.events)).toBe(false);
  });
});

it("keeps an image's address, and gives what was added alone", () => {
  const run = new TamedRun();
  run.replace([snapshot(0, element("img", FRAME))]);
  const late = giving(1, FRAME);
  run.add([giving(2, FRAME)]);
  expect(run.add([late])).toEqual([late]);
});

it("lets go of the first ones", () => {
  const run = new TamedRun();
  run.replace([snapshot(0), snapshot(1), snapshot(2)]);
  run.drop(2);
  run.add([snapshot(3)]);
  expect(times(run)).toEqual([2, 3]);
});
