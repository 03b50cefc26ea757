// @vitest-environment node
import { describe, expect, it } from "vitest";
import { distinct, isFiltered, NO_FILTERS, parametersOf } from "../../src/filters/filters";
import { T0 } from "../builders";

describe("what the query API is asked for", () => {
  it("is nothing without filters", () => {
    const asked = Object.values(parametersOf(NO_FILTERS, T0)).filter(
      (value) => value !== null && !(Array.isArray(value) && value.length === 0),
    );
    expect(asked).toEqual([]);
  });

  it("has the last hour's beginning, as of now, and no end: what comes is part of it", () => {
    const asked = parametersOf({ ...NO_FILTERS, time: { kind: "last", last: "1h" } }, T0);
    expect([asked.from, asked.to]).toEqual([T0 - 3_600_000, null]);
  });

  it("has every filter by its name", () => {
    const asked = parametersOf(
      {
        status: "completed",
        time: { kind: "between", from: 1, to: 2 },
        url: "/a",
        browsers: ["Edge"],
        oses: ["iOS"],
        countries: ["NL", "BE"],
        visitor: "v",
        minDurationMs: 3,
        minEvents: 4,
        replayable: false,
        has: ["error"],
      },
      T0,
    );
    expect(asked).toEqual({
      status: "completed",
      from: 1,
      to: 2,
      url: "/a",
      browser: ["Edge"],
      os: ["iOS"],
      country: ["NL", "BE"],
      visitor: "v",
      min_duration: 3,
      min_events: 4,
      replayable: false,
      has: ["error"],
    });
  });
});

it("is filtered as soon as anything is asked for", () => {
  expect(isFiltered({ ...NO_FILTERS })).toBe(false);
  expect(isFiltered({ ...NO_FILTERS, minEvents: 0 })).toBe(true);
  expect(isFiltered({ ...NO_FILTERS, has: ["error"] })).toBe(true);
});

it("has a name once, as it was written first", () => {
  expect(distinct(["iOS", "Linux", "ios"])).toEqual(["iOS", "Linux"]);
});
