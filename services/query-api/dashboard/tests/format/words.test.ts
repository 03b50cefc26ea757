// @vitest-environment node
import { expect, it } from "vitest";
import { browserName } from "../../src/format/browser";
import { bigCount, count, counted, size } from "../../src/format/number";
import { pageName } from "../../src/format/page";

it("groups digits, and shortens only what does not fit a tile", () => {
  expect(count(1_234_567)).toBe("1,234,567");
  expect(bigCount(999_999)).toBe("999,999");
  expect(bigCount(1_250_000)).toBe("1.3M");
  expect(counted(1, "event")).toBe("1 event");
  expect(counted(2_000, "event")).toBe("2,000 events");
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [999_600, "1.0 MB"],
  [1_834_201, "1.8 MB"],
  [250_000_000, "250 MB"],
])("%i bytes are %j", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

it("tells pages apart by host and path, and shows what is no URL as it is", () => {
  expect(pageName("https://shop.example:8080/cart?x=1#top")).toEqual({
    host: "shop.example:8080",
    path: "/cart?x=1#top",
  });
  expect(pageName("about blank")).toEqual({ host: "", path: "about blank" });
  expect(pageName("")).toEqual({ host: "", path: "Unknown page" });
});

it("names the browser as well as it is known", () => {
  const known = { browser: "Firefox 143", os: "Ubuntu", user_agent: "Mozilla/5.0" };
  expect(browserName(known)).toBe("Firefox 143 on Ubuntu");
  expect(browserName({ ...known, os: "" })).toBe("Firefox 143");
  expect(browserName({ ...known, os: "", browser: "" })).toBe("Mozilla/5.0");
  expect(browserName({ os: "", browser: "", user_agent: "" })).toBe("Unknown browser");
});
