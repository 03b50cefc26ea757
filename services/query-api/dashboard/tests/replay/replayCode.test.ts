import { beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  vi.doUnmock("../../src/replay/Replay");
});

it("is there without a wait once it has been loaded", async () => {
  const { expectReplay, loadedReplay, loadReplay } = await import("../../src/replay/replayCode");
  expect(loadedReplay()).toBeNull();
  expectReplay();
  const code = await loadReplay();
  expect(typeof code.default).toBe("function");
  expect(loadedReplay()).toBe(code);
});

it("is tried again after it could not be had", async () => {
  const { expectReplay, loadedReplay, loadReplay } = await import("../../src/replay/replayCode");
  vi.doMock("../../src/replay/Replay", () => {
    throw new TypeError("offline");
  });
  expectReplay();
  await expect(loadReplay()).rejects.toThrow();
  expect(loadedReplay()).toBeNull();
  vi.doUnmock("../../src/replay/Replay");
  expect(await loadReplay()).toBe(loadedReplay());
});
