import { act, renderHook } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { afterPaint, usePainted } from "../../src/replay/afterPaint";

let frames: (() => void)[];
beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (step: () => void) => frames.push(step));
});

const frame = () => {
  for (const step of frames.splice(0)) step();
};
const task = () => new Promise((done) => setTimeout(done));

it("comes behind the frame that shows it", async () => {
  const seen = vi.fn();
  void afterPaint().then(seen);
  await task();
  frame();
  await task();
  expect(seen).not.toHaveBeenCalled();
  frame();
  await task();
  expect(seen).toHaveBeenCalledOnce();
});

it("counts from when something is shown, anew each time", async () => {
  const { result, rerender } = renderHook(({ shown }) => usePainted(shown), {
    initialProps: { shown: false },
  });
  const wait = () =>
    act(async () => {
      frame();
      frame();
      await task();
    });
  await wait();
  expect(result.current).toBe(false);
  rerender({ shown: true });
  expect(result.current).toBe(false);
  await wait();
  expect(result.current).toBe(true);
  rerender({ shown: false });
  expect(result.current).toBe(false);
});
