import { expect, it } from "vitest";
import { fit } from "../../src/replay/Stage";

it("fits the recorded viewport into the stage, whichever side is the tighter", () => {
  expect(fit({ width: 1_000, height: 500 }, { width: 500, height: 500 })).toBe(0.5);
  expect(fit({ width: 1_000, height: 500 }, { width: 2_000, height: 600 })).toBe(1.2);
  expect(fit({ width: 0, height: 0 }, { width: 10, height: 10 })).toBe(1);
});
