import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Batcher } from "../src/batcher";

const limits = { intervalMs: 2_000, maxChars: 10, littleChars: 2 };
let closed: string[][];
let batcher: Batcher;

beforeEach(() => {
  vi.useFakeTimers();
  closed = [];
  batcher = new Batcher(limits, (events) => closed.push(events));
});
afterEach(() => {
  vi.useRealTimers();
});

it("closes a batch so long after its first event", () => {
  batcher.add("a", 0);
  vi.advanceTimersByTime(1_500);
  batcher.add("b", 1_500);
  vi.advanceTimersByTime(499);
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(closed).toEqual([["a", "b"]]);
});

it("closes it before it would be too large", () => {
  batcher.add("123456", 0);
  batcher.add("789", 0);
  batcher.add("ab", 0);
  expect(closed).toEqual([["123456", "789"]]);
});

it("sends an event that is too large at once, alone", () => {
  batcher.add("123", 0);
  batcher.add("x".repeat(50), 0);
  expect(closed).toEqual([["123"], ["x".repeat(50)]]);
});

it("sends it with the little that came right before it", () => {
  batcher.add("1", 0);
  batcher.add("2", 0);
  batcher.add("x".repeat(50), 0);
  batcher.add("after", 0);
  expect(closed).toEqual([["1", "2", "x".repeat(50)]]);
});

it("does not put what came before a sleep and what came after into one batch", () => {
  batcher.add("before", 0);
  batcher.add("z", 3_600_000);
  expect(closed).toEqual([["before"]]);
});

it("sends nothing for nothing, and nothing twice", () => {
  batcher.close();
  batcher.add("a", 0);
  expect(batcher.take()).toEqual(["a"]);
  vi.advanceTimersByTime(10_000);
  expect(closed).toEqual([]);
});
