import { expect, it } from "vitest";
import { closedBecause } from "../src/gate";
import { config } from "./builders";

const facts = {
  consentRequired: false,
  consent: null,
  optedOut: false,
  asksForPrivacy: false,
  pageIsRecorded: true,
};

it("is open where nobody asks for consent", () => {
  expect(closedBecause(config, facts)).toBeNull();
});

it.each([
  ["the site", config, { ...facts, consentRequired: true }],
  ["the connection", { ...config, consent_required: true }, facts],
  ["the browser", config, { ...facts, asksForPrivacy: true }],
])("waits for a yes where %s asks for it", (_, asked, given) => {
  expect(closedBecause(asked, given)).toBe("consent_missing");
  expect(closedBecause(asked, { ...given, consent: true })).toBeNull();
});

it("closes on a no, even where no consent was needed", () => {
  expect(closedBecause(config, { ...facts, consent: false })).toBe("consent_refused");
});

it.each([
  ["opted_out", { optedOut: true }],
  ["page_excluded", { pageIsRecorded: false }],
])("stays closed on %s, whatever was consented to", (reason, fact) => {
  expect(closedBecause(config, { ...facts, consent: true, ...fact })).toBe(reason);
});

it("stays closed where the connection does not record", () => {
  expect(closedBecause({ ...config, record: false }, { ...facts, consent: true })).toBe("not_recording");
});
