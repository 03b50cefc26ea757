import { EventType, type eventWithTime } from "@rrweb/types";
import { beforeEach, expect, it, vi } from "vitest";
import { Capture } from "../src/capture";
import type { Delivery } from "../src/delivery";
import * as recording from "../src/recording";
import { config, mouseMove, mutation, settings } from "./builders";

let emit: (event: eventWithTime) => void;
let now: number;
let sent: eventWithTime[][];
let capture: Capture;

/** As rrweb does: emits within the call, and takes its time. */
const snapshot = () => {
  emit({ type: EventType.Meta, data: { href: "", width: 1, height: 1 }, timestamp: (now += 10) });
  emit({ type: EventType.FullSnapshot, data: {}, timestamp: (now += 10) } as eventWithTime);
};

beforeEach(() => {
  now = Date.now();
  sent = [];
  vi.spyOn(recording, "startRecording").mockImplementation((_, take) => {
    emit = take;
    return { stop: () => undefined, snapshot, custom: () => undefined };
  });
  const delivery = {
    send: (events: string[]) => sent.push(events.map((event) => JSON.parse(event) as eventWithTime)),
  };
  capture = new Capture(config, delivery as unknown as Delivery, settings);
});

it("sends a snapshot at once, and the rest when the batch closes", () => {
  snapshot();
  emit(mouseMove((now += 10)));
  expect(sent.map((events) => events.map(({ type }) => type))).toEqual([[4, 2]]);
  capture.stop();
  expect(sent.map((events) => events.map(({ type }) => type))).toEqual([[4, 2], [3]]);
});

it("puts the event that called for a snapshot behind it, in time too", () => {
  snapshot();
  capture.interrupted();
  emit(mouseMove((now += 10)));
  capture.stop();
  const events = sent.flat();
  expect(events.map(({ type }) => type)).toEqual([4, 2, 4, 2, 3]);
  expect(events.map(({ timestamp }) => timestamp)).toEqual(events.map(({ timestamp }) => timestamp).sort());
});

it("leaves a change out that the snapshot before it shows already", () => {
  snapshot();
  capture.interrupted();
  emit(mutation((now += 10)));
  capture.stop();
  expect(sent.flat().map(({ type }) => type)).toEqual([4, 2, 4, 2]);
});
