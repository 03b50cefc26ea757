import { EventType, NodeType, type eventWithTime } from "@rrweb/types";
import { adaptCssForReplay, createCache } from "rrweb-snapshot";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HeldReplayer } from "../../../src/replay/recorded-page/HeldReplayer";
import { adaptedSheets } from "../../../src/replay/style-sheets/AdaptedSheets";
import { meta, T0 } from "../../builders";

const HOVERED = "a:hover, b > i:hover::before { color: red }";

/** The texts of the style elements that a player draws of these sheets. */
function drawn(...sheets: string[]): (string | null)[] {
  const style = (sheet: string, index: number) => ({
    id: index + 4,
    type: NodeType.Element,
    tagName: "style",
    attributes: { _cssText: sheet },
    childNodes: [],
  });
  const head = {
    id: 2,
    type: NodeType.Element,
    tagName: "head",
    attributes: {},
    childNodes: sheets.map(style),
  };
  const body = { id: 3, type: NodeType.Element, tagName: "body", attributes: {}, childNodes: [] };
  const html = { id: 1, type: NodeType.Element, tagName: "html", attributes: {}, childNodes: [head, body] };
  const events = [
    meta(0),
    {
      type: EventType.FullSnapshot,
      data: {
        node: { id: 100, type: NodeType.Document, childNodes: [html] },
        initialOffset: { left: 0, top: 0 },
      },
      timestamp: T0 + 1,
    },
    { type: EventType.Custom, data: { tag: "end", payload: null }, timestamp: T0 + 2 },
  ] as eventWithTime[];
  const replayer = new HeldReplayer(events, { root: document.body, showWarning: false });
  replayer.pause(2);
  const page = replayer.iframe.contentDocument;
  return [...(page?.querySelectorAll("style") ?? [])].map(({ textContent }) => textContent);
}

beforeEach(() => {
  adaptedSheets.clear();
  // jsdom knows the attribute alone, and rrweb draws into no other frame.
  Object.defineProperty(HTMLIFrameElement.prototype, "sandbox", {
    configurable: true,
    get(this: HTMLIFrameElement) {
      return this.getAttribute("sandbox")?.split(" ") ?? [];
    },
  });
});
afterEach(() => {
  Reflect.deleteProperty(HTMLIFrameElement.prototype, "sandbox");
  document.body.replaceChildren();
});

describe("the style sheets of a player", () => {
  it("are those that were adapted before", () => {
    adaptedSheets.set(HOVERED, "/* adapted before */");
    expect(drawn(HOVERED)).toContain("/* adapted before */");
  });

  it("are kept for the next one", () => {
    drawn(HOVERED);
    expect([...adaptedSheets.keys()]).toEqual([HOVERED]);
  });

  // The worker adapts by another build of the same code: of the same version, or the two could differ.
  it.each([
    HOVERED,
    "@media (max-device-width: 600px) { a:not(:hover) { color: red } }",
    "@supports (display: grid) { .a\\:hover:hover { content: ':hover' } }",
    "a { color: red",
    "a } { ;;; :hover {",
    "/* :hover */ @import url(x.css); @font-face { font-family: ü }",
    "\uFEFFa:hover{}\r\n\tb{}",
  ])("are what the worker makes of them: %j", (sheet) => {
    vi.spyOn(console, "warn").mockReturnValue(undefined);
    expect(drawn(sheet)).toContain(adaptCssForReplay(sheet, createCache()));
  });
});
