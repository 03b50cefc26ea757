import { describe, expect, it } from "vitest";
import { pageRule } from "../src/pages";

const SHOP = "https://shop.example";

describe("which pages are recorded", () => {
  it("all, where nothing is said", () => {
    expect(pageRule([], [])(`${SHOP}/anything?x=1`)).toBe(true);
  });

  it.each([
    ["/account*", "/account", false],
    ["/account*", "/account/orders?id=1", false],
    ["/account*", "/shop/account", true],
    ["/account", "/account/orders", true],
    ["/ACCOUNT", "/account", false],
    ["/account", "/%61ccount", false],
    ["/a.c", "/abc", true],
    ["/?", "/x", true],
    ["shop.example/account*", "/account/orders", false],
    ["other.example/account*", "/account/orders", true],
    ["*.example/*", "/anything", false],
    ["#/account*", "/app#/account/orders?id=1", false],
    ["/app#/account", "/app#/account", false],
    ["#/account*", "/app#/shop", true],
    ["/search", "/search?q=what+was+asked", false],
  ])("not those of the deny list: %s, %s", (pattern, path, recorded) => {
    expect(pageRule([], [pattern])(SHOP + path)).toBe(recorded);
  });

  it("only those of the allow list, where there is one", () => {
    const isRecorded = pageRule(["/help*", "/shop"], []);
    expect(["/help/returns", "/shop", "/", "/shop/basket"].map((path) => isRecorded(SHOP + path))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("none of the deny list, even where they are allowed", () => {
    const isRecorded = pageRule(["/help*"], ["/help/contact"]);
    expect(isRecorded(`${SHOP}/help/returns`)).toBe(true);
    expect(isRecorded(`${SHOP}/help/contact`)).toBe(false);
  });

  it("not those of the deny list whose path is kept behind #, whatever they are asked", () => {
    expect(pageRule([], ["#/account"])(`${SHOP}/#/account?tab=orders`)).toBe(false);
  });

  it("is said of an address that cannot be decoded or read, too", () => {
    expect(pageRule([], ["/%ff*"])(`${SHOP}/%FF`)).toBe(false);
    expect(pageRule(["/help"], [])("about:blank")).toBe(false);
  });
});
