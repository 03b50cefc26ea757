import { expect, it } from "vitest";
import { asksForPrivacy, type BrowserSignals, type Signal } from "../src/signals";

const gpc: BrowserSignals = { globalPrivacyControl: true, doNotTrack: null };
const dnt: BrowserSignals = { doNotTrack: "1" };
const silent: BrowserSignals = { globalPrivacyControl: false, doNotTrack: "0" };

it.each<[string, BrowserSignals, Signal[], boolean]>([
  ["Global Privacy Control, honoured", gpc, ["gpc"], true],
  ["Global Privacy Control, where only Do Not Track is honoured", gpc, ["dnt"], false],
  ["Do Not Track, honoured", dnt, ["gpc", "dnt"], true],
  ["Do Not Track as older browsers say it", { doNotTrack: "yes" }, ["dnt"], true],
  ["Do Not Track, where only the other is honoured", dnt, ["gpc"], false],
  ["anything, where neither is honoured", { ...gpc, ...dnt }, [], false],
  ["a browser that says nothing", {}, ["gpc", "dnt"], false],
  ["a browser that says no", silent, ["gpc", "dnt"], false],
])("%s", (_, browser, honoured, asked) => {
  expect(asksForPrivacy(honoured, browser)).toBe(asked);
});
