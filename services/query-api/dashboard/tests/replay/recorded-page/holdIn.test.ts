import { describe, expect, it } from "vitest";
import { holdIn, policyOfRecordedPage } from "../../../src/replay/recorded-page/holdIn";
import { recordedResources } from "../../../src/replay/recorded-page/resources";

function pageWith(content: string): Document {
  return new DOMParser().parseFromString(
    `<meta name="playhead-recorded-resources" content="${content}">`,
    "text/html",
  );
}

describe("the choice", () => {
  it("is what the server wrote into the page, and else to load nothing", () => {
    expect(recordedResources(pageWith("allow"))).toBe("allow");
    expect(recordedResources(pageWith("block"))).toBe("block");
    expect(recordedResources(pageWith("whatever"))).toBe("block");
    expect(recordedResources(document.implementation.createHTMLDocument())).toBe("block");
  });
});

describe("the policy of a recorded page", () => {
  it.each(["block", "allow"] as const)("lets nothing run, connect, frame or submit (%s)", (resources) => {
    const policy = policyOfRecordedPage(resources);
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/script-src|connect-src|frame-src|'self'|\*/);
    expect(policy).toContain("form-action 'none'");
  });

  it("names other hosts only where they are allowed", () => {
    expect(policyOfRecordedPage("block")).not.toContain("http");
    expect(policyOfRecordedPage("allow")).toContain("img-src https: http: data: blob:");
  });

  it("is in the frame before anything is drawn into it", () => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    holdIn(frame, "block");
    const meta = frame.contentDocument?.head.querySelector<HTMLMetaElement>("meta[http-equiv]");
    expect(meta?.content).toBe(policyOfRecordedPage("block"));
    frame.remove();
    expect(() => {
      holdIn(document.createElement("iframe"), "block");
    }).toThrow();
  });
});
