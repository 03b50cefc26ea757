// @vitest-environment node
import { expect, it } from "vitest";
import { browserSign, osSign } from "../../src/format/agent";
import { countryName } from "../../src/format/country";
import { idParts } from "../../src/format/session-id";

it.each([
  ["Chrome", "chrome"],
  ["HeadlessChrome", "chrome"],
  ["Chrome Mobile iOS", "chrome"],
  ["Chromium", "chrome"],
  ["Edge", "edge"],
  ["Edge Mobile", "edge"],
  ["Firefox", "firefox"],
  ["Firefox iOS", "firefox"],
  ["Mobile Safari", "safari"],
  ["Opera Mobile", "opera"],
  ["Samsung Internet", "samsung"],
  ["Knowledge", "other"],
  ["", "other"],
] as const)("the browser %j has the sign %s", (name, sign) => {
  expect(browserSign(name)).toBe(sign);
});

it.each([
  ["Windows", "windows"],
  ["Mac OS X", "apple"],
  ["iOS", "apple"],
  ["Android", "android"],
  ["Chrome OS", "chrome-os"],
  ["Linux", "linux"],
  ["Ubuntu", "linux"],
  ["Solaris", "other"],
  ["", "other"],
] as const)("the operating system %j has the sign %s", (name, sign) => {
  expect(osSign(name)).toBe(sign);
});

it("names a country, and leaves what is none as it is", () => {
  expect(countryName("NL")).toBe("Netherlands");
  expect(countryName("QQ")).toBe("QQ");
  expect(countryName("n/a")).toBe("n/a");
});

it("cuts an id where the cut tells sessions apart, and loses nothing", () => {
  const id = "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55";
  const { start, middle, end } = idParts(id);
  expect([start, end]).toEqual(["019abf3c", "7c55"]);
  expect(start + middle + end).toBe(id);
  expect(idParts("short")).toEqual({ start: "short", middle: "", end: "" });
});
