// @vitest-environment node
import { describe, expect, it } from "vitest";
import { EMPTY, formatAddress, readAddress } from "../../src/address/address";
import { FRICTIONS, MOST_NAMES, NEWEST_FIRST, NO_FILTERS } from "../../src/filters/filters";
import { anyFilters, anyOrder, Chance } from "../filters/anyFilters";

const read = (search: string) => {
  const { address, ignored } = readAddress({ pathname: "/", search });
  return { filters: address.filters, order: address.order, ignored };
};
const ignoredIn = (search: string) => read(search).ignored.map(({ name, value }) => [name, value]);

describe("filters in the address", () => {
  it("come back as they were written, all of them", () => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const chance = new Chance(seed);
      const address = { ...EMPTY, connection: "a&b", filters: anyFilters(chance), order: anyOrder(chance) };
      const href = formatAddress(address);
      const back = readAddress(new URL(href, "http://x"));
      expect(back, `seed ${seed}: ${href}`).toEqual({ address, ignored: [] });
      expect(formatAddress(back.address)).toBe(href);
    }
  });

  it("are understood without an exception, whatever stands there, and are stable from then on", () => {
    const names = [
      "status",
      "last",
      "from",
      "to",
      "url",
      "browser",
      "os",
      "country",
      "visitor",
      "has",
      "sort",
    ];
    const more = ["direction", "min_duration", "min_events", "replayable", "window", "at", "x", ""];
    const values = [
      "",
      "active",
      "-1",
      "1e9",
      "5",
      "6",
      "NaN",
      "true",
      "last",
      "24h",
      "nl",
      "error",
      "%",
      "🙂",
    ];
    for (let seed = 0; seed < 2_000; seed += 1) {
      const chance = new Chance(seed);
      const query = new URLSearchParams();
      for (let n = chance.whole(8); n > 0; n -= 1) {
        query.append(chance.of([...names, ...more]), chance.of(values));
      }
      const { address } = readAddress({ pathname: "/", search: `?${query.toString()}` });
      const again = readAddress(new URL(formatAddress(address), "http://x"));
      expect(again, query.toString()).toEqual({ address, ignored: [] });
    }
  });

  it("are none when the address asks for none", () => {
    expect(read("")).toEqual({ filters: NO_FILTERS, order: NEWEST_FIRST, ignored: [] });
    expect(read("?connection=a&url=&browser=&window=w&at=5").ignored).toEqual([]);
  });

  it("have the names of the query API", () => {
    const time = { kind: "between", from: 1, to: 2 } as const;
    const filters = {
      status: "active",
      time,
      url: "/x",
      browsers: ["Chrome", "Edge"],
      oses: ["iOS"],
      countries: ["NL"],
      visitor: "v",
      minDurationMs: 3,
      minEvents: 4,
      replayable: true,
      has: FRICTIONS,
    } as const;
    expect(formatAddress({ ...EMPTY, filters, order: { sort: "events", direction: "asc" } })).toBe(
      "/?status=active&from=1&to=2&url=%2Fx&browser=Chrome&browser=Edge&os=iOS&country=NL&visitor=v" +
        "&min_duration=3&min_events=4&replayable=true&has=rage_click&has=dead_click&has=error" +
        "&sort=events&direction=asc",
    );
  });

  it.each([
    ["status", "paused"],
    ["last", "2h"],
    ["from", "-1"],
    ["from", "soon"],
    ["to", "99999999999999"],
    ["to", "10413792000000"],
    ["url", "x".repeat(1_001)],
    ["visitor", "x".repeat(257)],
    ["browser", "x".repeat(65)],
    ["country", "NLD"],
    ["min_duration", "1.5"],
    ["min_events", "many"],
    ["min_events", "9007199254740992"],
    ["replayable", "maybe"],
    ["has", "quick_back"],
    ["sort", "country"],
    ["direction", "up"],
    ["brwoser", "Edge"],
  ])("are shown without such a %s, which is said (%#)", (name, value) => {
    const found = read(`?${new URLSearchParams({ [name]: value, os: "iOS" }).toString()}`);
    expect(found.ignored.map((each) => [each.name, each.value])).toEqual([[name, value]]);
    expect(found.ignored[0]?.why).not.toBe("");
    expect(found.filters).toEqual({ ...NO_FILTERS, oses: ["iOS"] });
    expect(found.order).toEqual(NEWEST_FIRST);
  });

  it("keep what is good beside what is not", () => {
    const { filters, ignored } = read("?has=error&has=boredom&has=rage_click&country=nl&country=x");
    expect(filters).toEqual({ ...NO_FILTERS, has: ["rage_click", "error"], countries: ["NL"] });
    expect(ignored.map(({ value }) => value).sort()).toEqual(["boredom", "x"]);
  });

  it("take one of what can be only one, and say so", () => {
    expect(read("?status=active&status=completed").filters.status).toBe("active");
    expect(ignoredIn("?status=active&status=completed")).toEqual([["status", "completed"]]);
  });

  it("take times that are exact before those that are not", () => {
    expect(read("?last=24h&from=5").filters.time).toEqual({ kind: "between", from: 5, to: null });
    expect(ignoredIn("?last=24h&from=5")).toEqual([["last", "24h"]]);
  });

  it("have no end that is not later than the beginning", () => {
    expect(read("?from=5&to=5").filters.time).toEqual({ kind: "between", from: 5, to: null });
    expect(ignoredIn("?from=5&to=5")).toEqual([["to", "5"]]);
  });

  it("ask for no more names than the query API takes, and for each once", () => {
    const many = Array.from({ length: MOST_NAMES + 2 }, (_, n) => `os=n${n}`).join("&");
    expect(read(`?${many}`).filters.oses).toHaveLength(MOST_NAMES);
    expect(ignoredIn(`?${many}`)).toEqual([
      ["os", "n20"],
      ["os", "n21"],
    ]);
    expect(read("?os=iOS&os=ios").filters.oses).toEqual(["iOS"]);
  });

  it("count characters as the query API does", () => {
    expect(read(`?visitor=${"🙂".repeat(256)}`).ignored).toEqual([]);
  });
});
