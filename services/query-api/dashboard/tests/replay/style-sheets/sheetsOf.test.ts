import { EventType, NodeType, type eventWithTime, type serializedNodeWithId } from "@rrweb/types";
import { buildNodeWithSN, createMirror } from "rrweb-snapshot";
import { describe, expect, it } from "vitest";
import { sheetsOf } from "../../../src/replay/style-sheets/sheetsOf";
import { meta, T0 } from "../../builders";

const snapshotOf = (node: unknown): eventWithTime => ({
  type: EventType.FullSnapshot,
  data: { node: node as serializedNodeWithId, initialOffset: { left: 0, top: 0 } },
  timestamp: T0,
});

/** What rrweb asks its cache for while it builds the page. */
function askedByRrweb(node: serializedNodeWithId): string[] {
  const asked = new Set<string>();
  class Asked extends Map<string, string> {
    override get(sheet: string): string {
      asked.add(sheet);
      // Not to be parsed: what it becomes is not the question.
      return "/**/";
    }
  }
  const doc = document.implementation.createHTMLDocument();
  const children = "childNodes" in node ? node.childNodes : [];
  const options = {
    doc,
    mirror: createMirror(),
    hackCss: true,
    cache: { stylesWithHoverClass: new Asked() },
  };
  for (const child of children) buildNodeWithSN(child, options);
  return [...asked];
}

const text = (id: number, textContent: string, isStyle?: true) => ({
  id,
  type: NodeType.Text,
  textContent,
  ...(isStyle === undefined ? {} : { isStyle }),
});
const element = (id: number, tagName: string, attributes: object, ...childNodes: object[]) => ({
  id,
  type: NodeType.Element,
  tagName,
  attributes,
  childNodes,
});

describe("are those that rrweb adapts", () => {
  it.each([
    ["a link's", element(1, "link", { rel: "stylesheet", _cssText: "a {}" }), ["a {}"]],
    [
      "a link's that was not read",
      element(1, "link", { rel: "stylesheet", href: "https://shop.example/" }),
      [],
    ],
    [
      "a style element's without a text node",
      element(1, "style", { _cssText: "a {}/* rr_split */b {}" }),
      ["a {}/* rr_split */b {}"],
    ],
    [
      "one in two text nodes",
      element(1, "style", { _cssText: "a {}/* rr_split */b {}" }, text(2, ""), text(3, "")),
      ["a {}b {}"],
    ],
    ["the text of older recorders", element(1, "style", {}, text(2, "a {}", true)), ["a {}"]],
    [
      "two that are the same",
      element(
        1,
        "div",
        {},
        element(2, "style", { _cssText: "a {}" }),
        element(3, "link", { _cssText: "a {}" }),
      ),
      ["a {}"],
    ],
    [
      "one in a shadow root",
      element(1, "div", {}, { ...element(2, "style", { _cssText: "a {}" }), isShadow: true }),
      ["a {}"],
    ],
    ["no other element's", element(1, "div", { _cssText: "a {}" }, text(2, "a {}")), []],
  ])("%s", (_, node, expected) => {
    const page = element(9, "html", {}, node) as serializedNodeWithId;
    const root = { id: 10, type: NodeType.Document, childNodes: [page] } as serializedNodeWithId;
    expect(sheetsOf([meta(0), snapshotOf(root)])).toEqual(expected);
    expect(askedByRrweb(root)).toEqual(expected);
  });
});

it("are those of the first full snapshot", () => {
  const snapshots = ["a {}", "b {}"].map((sheet) => snapshotOf(element(1, "style", { _cssText: sheet })));
  expect(sheetsOf([meta(0), ...snapshots])).toEqual(["a {}"]);
  expect(sheetsOf([meta(0)])).toEqual([]);
});

it.each([
  null,
  7,
  {},
  { childNodes: null },
  { childNodes: [null, 7, "x", { childNodes: {} }] },
  element(1, "style", { _cssText: 7 }),
  { tagName: "style", attributes: null },
  { isStyle: true, textContent: {} },
])("are none of what is no page: %j", (node) => {
  expect(sheetsOf([snapshotOf(node)])).toEqual([]);
  expect(sheetsOf([{ ...snapshotOf(node), data: null } as unknown as eventWithTime])).toEqual([]);
});
