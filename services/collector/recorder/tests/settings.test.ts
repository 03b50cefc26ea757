import { describe, expect, it } from "vitest";
import { readSettings } from "../src/settings";

const src = "https://collect.example/recorder.js";

describe("the script tag", () => {
  it("needs only a key; the collector is where the script came from", () => {
    expect(readSettings({ src, dataset: { key: "write-key-1" } })).toEqual({
      key: "write-key-1",
      endpoint: "https://collect.example",
      start: "auto",
      consentRequired: false,
      maskText: false,
      unmask: "",
      signals: ["gpc", "dnt"],
      sample: 1,
      allow: [],
      deny: [],
      scrub: [],
      errors: false,
    });
  });

  it("keeps a path in front of the collector, and takes another endpoint, also a relative one", () => {
    const key = "write-key-1";
    expect(readSettings({ src: "https://a.example/play/recorder.js?v=1", dataset: { key } })).toMatchObject({
      endpoint: "https://a.example/play",
    });
    expect(readSettings({ src, dataset: { key, endpoint: "https://b.example/in/" } })).toMatchObject({
      endpoint: "https://b.example/in",
    });
    expect(readSettings({ src, dataset: { key, endpoint: "/in" } })).toMatchObject({
      endpoint: "https://collect.example/in",
    });
  });

  it("can ask for a manual start and for consent", () => {
    expect(
      readSettings({ src, dataset: { key: "write-key-1", start: "manual", consent: "required" } }),
    ).toMatchObject({
      start: "manual",
      consentRequired: true,
    });
  });

  it("says what is hidden, who is recorded, and where", () => {
    const dataset = {
      key: "write-key-1",
      maskText: "",
      unmask: " #search, .public ",
      signals: "gpc",
      sample: "0.25",
      allow: "/shop/*, /help",
      deny: "/shop/account*\n#/admin",
      scrub: "order,customer_*",
      errors: "true",
    };
    expect(readSettings({ src, dataset })).toMatchObject({
      maskText: true,
      unmask: "#search, .public",
      signals: ["gpc"],
      sample: 0.25,
      allow: ["/shop/*", "/help"],
      deny: ["/shop/account*", "#/admin"],
      scrub: ["order", "customer_*"],
      errors: true,
    });
  });

  it("can leave the browser's signals alone, and switches off what it says is false", () => {
    const dataset = { key: "write-key-1", signals: "none", maskText: "false", errors: "false" };
    expect(readSettings({ src, dataset })).toMatchObject({ signals: [], maskText: false, errors: false });
  });

  it.each([
    [{}, "data-key"],
    [{ key: "short" }, "data-key"],
    [{ key: "with spaces in it" }, "data-key"],
    [{ key: "write-key-1", endpoint: "javascript:alert(1)" }, "data-endpoint"],
    [{ key: "write-key-1", start: "never" }, "data-start"],
    [{ key: "write-key-1", consent: "yes" }, "data-consent"],
    [{ key: "write-key-1", signals: "gpc ccpa" }, "data-signals"],
    [{ key: "write-key-1", signals: "" }, "data-signals"],
    [{ key: "write-key-1", sample: "10%" }, "data-sample"],
    [{ key: "write-key-1", sample: "1.5" }, "data-sample"],
    [{ key: "write-key-1", sample: "-0.1" }, "data-sample"],
    [{ key: "write-key-1", sample: "" }, "data-sample"],
    [{ key: "write-key-1", maskText: "some" }, "data-mask-text"],
    [{ key: "write-key-1", errors: "all" }, "data-errors"],
  ])("says what is wrong with %j", (dataset, named) => {
    expect(readSettings({ src, dataset })).toContain(named);
  });
});
