// Given attributes that a sandbox and a policy do not stop, when events are tamed, then they say nothing to a browser.
import {
  EventType,
  IncrementalSource,
  NodeType,
  type eventWithTime,
  type serializedNodeWithId,
} from "@rrweb/types";
import { describe, expect, it } from "vitest";
import { Tamer } from "../../../src/replay/recorded-page/Tamer";
import { T0, textChange } from "../../builders";

let ids = 10;

const element = (
  tagName: string,
  attributes: Record<string, string> = {},
  childNodes: serializedNodeWithId[] = [],
): serializedNodeWithId => ({ type: NodeType.Element, id: ids++, tagName, attributes, childNodes });

const snapshotOf = (...nodes: serializedNodeWithId[]): eventWithTime => ({
  type: EventType.FullSnapshot,
  data: {
    node: { type: NodeType.Document, id: 1, childNodes: [element("html", {}, nodes)] },
    initialOffset: { top: 0, left: 0 },
  },
  timestamp: T0,
});

const mutation = (change: object): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: { source: IncrementalSource.Mutation, adds: [], removes: [], texts: [], attributes: [], ...change },
  timestamp: T0,
});

const adding = (node: serializedNodeWithId) => mutation({ adds: [{ parentId: 1, nextId: null, node }] });
const giving = (id: number, attributes: object) => mutation({ attributes: [{ id, attributes }] });

/** An attribute of each way in which it can come; all must come out alike. */
function waysOf(tag: string, attributes: Record<string, string>): string[] {
  const tamer = new Tamer();
  const bare = element(tag);
  const events = [
    snapshotOf(element("div", {}, [element(tag, attributes)]), bare),
    adding(element("div", {}, [element(tag, attributes)])),
    giving(bare.id, attributes),
  ];
  return events.map((event) => JSON.stringify(tamer.tamed(event)));
}

describe("what is taken out", () => {
  it.each([
    ["link", "rel", "preconnect"],
    ["link", "rel", "\tDNS-Prefetch icon"],
    ["LINK", "REL", "stylesheet PreConnect"],
    ["img", "referrerpolicy", "unsafe-url"],
    ["img", "ReferrerPolicy", "origin"],
    ["img", "attributionsrc", ""],
    ["meta", "name", " Referrer"],
    ["meta", "http-equiv", "content-security-policy"],
    ["meta", "http-equiv", "X-DNS-Prefetch-Control"],
    ["iframe", "src", "https://elsewhere.example/"],
    ["Frame", "SRC", "https://elsewhere.example/"],
  ])("of a %s, %s=%j", (tag, name, value) => {
    for (const text of waysOf(tag, { id: "x", [name]: value })) {
      expect(text).toContain(`"id":"x","_${name.toLowerCase()}":${JSON.stringify(value)}`);
      expect(text).not.toContain(`"${name}":${JSON.stringify(value)}`);
    }
  });
});

describe("what stays", () => {
  it.each([
    ["link", "rel", "stylesheet"],
    ["a", "rel", "noopener"],
    ["img", "src", "https://shop.example/tea.png"],
    ["input", "name", "reference"],
    ["meta", "http-equiv", "X-UA-Compatible"],
    ["iframe", "rr_src", "https://shop.example/frame"],
  ])("of a %s, %s=%j", (tag, name, value) => {
    const tamer = new Tamer();
    const snapshot = snapshotOf(element(tag, { [name]: value }));
    expect(tamer.tamed(snapshot)).toBe(snapshot);
    const added = adding(element(tag, { [name]: value }));
    expect(tamer.tamed(added)).toBe(added);
  });

  it("an event that cannot hold an element, itself", () => {
    const event = textChange(5, "a");
    expect(new Tamer().tamed(event)).toBe(event);
  });

  it("the event that was handed in, unchanged", () => {
    const event = snapshotOf(element("link", { rel: "preconnect" }));
    const before = JSON.stringify(event);
    new Tamer().tamed(event);
    expect(JSON.stringify(event)).toBe(before);
  });

  it("the src of an element that has the id of a frame on the page before", () => {
    const tamer = new Tamer();
    const frame = element("iframe");
    tamer.tamed(snapshotOf(frame));
    tamer.tamed(snapshotOf({ ...element("img"), id: frame.id }));
    const event = giving(frame.id, { src: "tea.png" });
    expect(tamer.tamed(event)).toBe(event);
  });
});

it("leaves an event that lacks its parts to the player", () => {
  const event = {
    type: EventType.IncrementalSnapshot,
    data: { source: IncrementalSource.Mutation },
    timestamp: T0,
  };
  expect(new Tamer().tamed(event as eventWithTime)).toBe(event);
  const other = mutation({ attributes: [{ id: 1 }] });
  expect(new Tamer().tamed(other)).toBe(other);
});
