import { beforeEach, expect, it } from "vitest";
import { Outbox } from "../src/outbox";
import { batch } from "./builders";

const batches = [0, 1, 2, 3].map((seq) => batch(seq, "x".repeat(300)));
const seqsOf = (some: readonly { seq: number | null }[]) => some.map(({ seq }) => seq);
let outbox: Outbox;

beforeEach(() => {
  outbox = new Outbox(1_000);
});

it("gives up the oldest beyond its bound, until a quarter is free", () => {
  outbox.add(...batches.slice(0, 3));
  expect(outbox.overflow(() => false)).toEqual([]);
  outbox.add(batch(3, "x".repeat(101)));
  expect(seqsOf(outbox.overflow(() => false))).toEqual([0]);
  expect(seqsOf(outbox.all())).toEqual([1, 2, 3]);
});

it("does not give up what is on its way, nor the newest", () => {
  outbox.add(...batches);
  expect(seqsOf(outbox.overflow(({ seq }) => seq === 0))).toEqual([1, 2]);
  outbox.clear();
  outbox.add(batch(0), batch(1, "x".repeat(5_000)));
  expect(seqsOf(outbox.overflow(() => false))).toEqual([0]);
  expect(seqsOf(outbox.all())).toEqual([1]);
});

it("puts others into the place of one", () => {
  outbox.add(...batches.slice(0, 3));
  outbox.replace(batches[1] as never, [batch(7), batch(8)]);
  expect(seqsOf(outbox.all())).toEqual([0, 7, 8, 2]);
  outbox.replace(batches[1] as never, [batch(9)]);
  expect(outbox.holds("window-1", 9)).toBe(false);
});
