// @vitest-environment node
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { batched } from "../../../src/sessions/friction/batched";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const WAIT_MS = 80;

function asker(answers: Record<string, number> = { a: 1, b: 2, c: 3, d: 4 }) {
  const asked: string[][] = [];
  const signals: AbortSignal[] = [];
  const ask = batched<number>(
    (ids, signal) => {
      asked.push(ids);
      signals.push(signal);
      return Promise.resolve(new Map(Object.entries(answers)));
    },
    { waitMs: WAIT_MS, most: 3 },
  );
  return { ask, asked, signals };
}

it("asks once for what is asked within a moment, and gives each its answer", async () => {
  const { ask, asked } = asker();
  const answers = Promise.all([ask("a", never), ask("b", never)]);
  await vi.advanceTimersByTimeAsync(WAIT_MS - 1);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked).toEqual([["a", "b"]]);
  expect(await answers).toEqual([1, 2]);
});

it("asks for no more at once than the API takes", async () => {
  const { ask, asked } = asker();
  const answers = Promise.all(["a", "b", "c", "d"].map((id) => ask(id, never)));
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect(asked).toEqual([["a", "b", "c"], ["d"]]);
  expect(await answers).toEqual([1, 2, 3, 4]);
});

it("asks for an id once, whoever else wants it", async () => {
  const { ask, asked } = asker();
  const answers = Promise.all([ask("a", never), ask("a", never)]);
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect(asked).toEqual([["a"]]);
  expect(await answers).toEqual([1, 1]);
});

it("does not ask for what was taken back in time", async () => {
  const { ask, asked } = asker();
  const gone = new AbortController();
  const taken = ask("a", gone.signal).catch((error: unknown) => error);
  const kept = ask("b", never);
  gone.abort();
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect(asked).toEqual([["b"]]);
  expect(await kept).toBe(2);
  expect(await taken).toBeInstanceOf(DOMException);
});

it("ends a request only when nobody waits for it any more", async () => {
  const { ask, signals } = asker();
  const one = new AbortController();
  const other = new AbortController();
  for (const [id, { signal }] of [
    ["a", one],
    ["b", other],
  ] as const) {
    ask(id, signal).catch(() => undefined);
  }
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  one.abort();
  expect(signals[0]?.aborted).toBe(false);
  other.abort();
  expect(signals[0]?.aborted).toBe(true);
});

it("answers null about what is not there", async () => {
  const { ask } = asker({});
  const answer = ask("a", never);
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect(await answer).toBeNull();
});

it("tells everyone of a failure, and asks anew afterwards", async () => {
  let failing = true;
  const ask = batched<number>(
    () => (failing ? Promise.reject(new Error("down")) : Promise.resolve(new Map([["a", 1]]))),
    { waitMs: WAIT_MS, most: 3 },
  );
  const told = Promise.allSettled([ask("a", never), ask("b", never)]);
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect((await told).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  failing = false;
  const again = ask("a", never);
  await vi.advanceTimersByTimeAsync(WAIT_MS);
  expect(await again).toBe(1);
});
