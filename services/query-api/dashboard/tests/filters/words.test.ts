// @vitest-environment node
import { describe, expect, it } from "vitest";
import { chipsOf } from "../../src/filters/chips";
import { isFiltered, NO_FILTERS } from "../../src/filters/filters";
import { fromTheWall, onTheWall } from "../../src/filters/wallClock";
import {
  countOf,
  countries,
  countryOf,
  countryWords,
  spanOf,
  spanWords,
  timeWords,
} from "../../src/filters/words";
import { zoneName } from "../../src/filters/zone";
import { anyFilters, Chance } from "./anyFilters";

describe("a length of time", () => {
  it.each([
    ["90", 90_000],
    [" 90 s ", 90_000],
    ["1.5 min", 90_000],
    ["2m", 120_000],
    ["1H", 3_600_000],
    ["250 ms", 250],
    ["0", 0],
  ])("is read from %j", (text, ms) => {
    expect(spanOf(text)).toBe(ms);
  });

  it.each(["soon", "-1", "1:30", "5 days", "", "9999999999999999 h"])("is not in %j", (text) => {
    expect(spanOf(text)).toBeNull();
  });

  it("is read back as it was written", () => {
    const chance = new Chance(1);
    for (const ms of [0, 1, 999, 1_000, 60_000, 61_000, 3_600_000, 86_400_000]) {
      expect(spanOf(spanWords(ms))).toBe(ms);
    }
    for (let n = 0; n < 500; n += 1) {
      const ms = chance.whole(10 ** 9);
      expect(spanOf(spanWords(ms)), spanWords(ms)).toBe(ms);
    }
    expect(spanWords(90_000)).toBe("90 s");
    expect(spanWords(7_200_000)).toBe("2 h");
  });
});

it("reads counts as people write them", () => {
  expect(countOf("1,500")).toBe(1_500);
  expect(countOf(" 0 ")).toBe(0);
  for (const text of ["", "-1", "1.5", "many", "99999999999999999"]) expect(countOf(text)).toBeNull();
});

describe("a country", () => {
  it("is found by its code, its name and by what is suggested", () => {
    expect(countryOf("nl")).toBe("NL");
    expect(countryOf("netherlands")).toBe("NL");
    expect(countryOf("Netherlands (NL)")).toBe("NL");
    expect(countryOf("Atlantis")).toBeNull();
  });

  it("is found by each suggestion that is made", () => {
    expect(countries().size).toBeGreaterThan(240);
    for (const code of countries().values()) expect(countryOf(countryWords(code))).toBe(code);
  });
});

describe("a field for date and time", () => {
  it("shows the reader's clock, and is read back to the second", () => {
    expect(onTheWall(Date.UTC(2026, 10, 24, 8, 5, 9))).toBe("2026-11-24T09:05:09");
    const chance = new Chance(2);
    for (let n = 0; n < 500; n += 1) {
      const at = chance.whole(4 * 10 ** 9) * 1_000;
      const back = fromTheWall(onTheWall(at));
      // In the hour that comes twice, the first is meant.
      expect([at, at - 3_600_000]).toContain(back);
      expect(onTheWall(back ?? 0)).toBe(onTheWall(at));
    }
  });

  it("takes what browsers leave out, and the hour that the clock skips as the one after", () => {
    expect(fromTheWall("2026-11-24T09:05")).toBe(Date.UTC(2026, 10, 24, 8, 5));
    expect(fromTheWall("2026-03-29T02:30")).toBe(Date.UTC(2026, 2, 29, 1, 30));
    for (const text of ["", "2026-11-24", "soon", "1900-01-01T00:00"]) expect(fromTheWall(text)).toBeNull();
  });
});

it("names the time zone with its offset at that time", () => {
  expect(zoneName("Europe/Vienna", Date.UTC(2026, 0, 1))).toBe("Europe/Vienna (GMT+1)");
  expect(zoneName("Europe/Vienna", Date.UTC(2026, 6, 1))).toBe("Europe/Vienna (GMT+2)");
});

it("says when", () => {
  const nine = Date.UTC(2026, 10, 24, 8);
  expect(timeWords({ kind: "last", last: "7d" })).toBe("Last 7 days");
  expect(timeWords({ kind: "between", from: nine, to: nine + 3_600_000 })).toContain("24 Nov 2026");
  expect(timeWords({ kind: "between", from: nine, to: nine + 3_600_000 })).toMatch(/ to 10:00$/);
  expect(timeWords({ kind: "between", from: null, to: nine })).toMatch(/^Before .*09:00/);
  expect(timeWords({ kind: "between", from: nine, to: null })).toMatch(/^From .*09:00/);
});

describe("the filters in use", () => {
  it("are all there, and nothing is left when each was taken away", () => {
    for (let seed = 0; seed < 500; seed += 1) {
      let filters = anyFilters(new Chance(seed));
      const chips = chipsOf(filters);
      expect(new Set(chips.map(({ words }) => words)).size, `seed ${seed}`).toBe(chips.length);
      for (let left = chips.length; left > 0; left -= 1) {
        expect(chipsOf(filters)).toHaveLength(left);
        filters = chipsOf(filters)[left % 2 === 0 ? 0 : left - 1]?.rest ?? filters;
      }
      expect(isFiltered(filters), `seed ${seed}`).toBe(false);
    }
  });

  it("say what they are", () => {
    const words = chipsOf({
      ...NO_FILTERS,
      status: "active",
      url: "/cart",
      browsers: ["Edge"],
      countries: ["NL"],
      minDurationMs: 30_000,
      minEvents: 1,
      replayable: true,
      has: ["dead_click"],
    }).map((chip) => chip.words);
    expect(words).toEqual([
      "Active",
      "Page contains “/cart”",
      "Browser: Edge",
      "Country: Netherlands (NL)",
      "At least 30 s",
      "At least 1 event",
      "Can be played",
      "Dead clicks",
    ]);
  });
});
