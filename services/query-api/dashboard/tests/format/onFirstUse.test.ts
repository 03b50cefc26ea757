import { expect, it, vi } from "vitest";
import { onFirstUse } from "../../src/format/onFirstUse";

it("is made when it is first used, and once", () => {
  const make = vi.fn(() => undefined);
  const made = onFirstUse(make);
  expect(make).not.toHaveBeenCalled();
  made();
  made();
  expect(make).toHaveBeenCalledOnce();
});
