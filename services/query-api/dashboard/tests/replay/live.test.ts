// @vitest-environment node
import { describe, expect, it } from "vitest";
import {
  delayFor,
  lateness,
  LEAST_DELAY_MS,
  liveSpeed,
  liveTarget,
  MOST_DELAY_MS,
} from "../../src/replay/live";

describe("how far to stay behind the visitor", () => {
  it("is as far as the latest of the last batches was late, and a little more", () => {
    expect(delayFor([2_500, 4_000, 3_000])).toBe(4_250);
  });

  it("has a least and a most", () => {
    expect(delayFor([])).toBe(LEAST_DELAY_MS);
    expect(delayFor([-500, 100])).toBe(LEAST_DELAY_MS);
    expect(delayFor([90_000])).toBe(MOST_DELAY_MS);
  });

  it("counts a batch from its oldest event to its arrival here, on the collector's clock", () => {
    const batch = { firstAt: 1_000, skewMs: 500, receivedAt: 3_500, arrivedAt: 3_900 };
    expect(lateness(batch)).toBe(2_400);
    expect(lateness({ ...batch, arrivedAt: 3_000 })).toBe(2_000);
  });

  it("takes of a batch of old only how it came to the collector", () => {
    expect(lateness({ firstAt: 1_000, skewMs: 0, receivedAt: 3_000, arrivedAt: 600_000 })).toBe(3_000);
  });
});

describe("keeping up", () => {
  it("aims at the visitor's now less the delay", () => {
    expect(liveTarget(10_000, { skewMs: -300, delayMs: 2_000 })).toBe(8_300);
  });

  it("plays as time goes when it is there, and a little faster or slower to get there", () => {
    expect(liveSpeed(1_000, 1_100)).toBe(1);
    expect(liveSpeed(1_000, 3_000)).toBe(1.5);
    expect(liveSpeed(3_000, 1_000)).toBe(0.5);
  });

  it("jumps when it is far behind", () => {
    expect(liveSpeed(0, 60_000)).toBe("jump");
  });
});
