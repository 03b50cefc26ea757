import { expect, it } from "vitest";
import { inRuns } from "../../src/replay/missingSeqs";

it("says the numbers of missing batches in runs", () => {
  expect(inRuns([3, 4, 5, 9])).toBe("3–5, 9");
  expect(inRuns([9, 3, 5, 4, 4])).toBe("3–5, 9");
  expect(inRuns([0])).toBe("0");
  expect(inRuns([])).toBe("");
});
