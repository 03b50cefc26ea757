// Which style sheets rrweb is about to adapt, as the texts that it asks its cache for. Pure.
import { EventType, type eventWithTime } from "@rrweb/types";

/** The recorder says by it where one of a style element's text nodes ends. */
const SPLIT = "/* rr_split */";

/** Those of the first full snapshot among the events, each once, in the order in which they are drawn. */
export function sheetsOf(events: readonly eventWithTime[]): string[] {
  const sheets = new Set<string>();
  const snapshot = events.find(({ type }) => type === EventType.FullSnapshot);
  if (snapshot?.type === EventType.FullSnapshot) collect(property(snapshot.data, "node"), sheets);
  return [...sheets];
}

/** An event is whatever somebody sent: what is not there is looked over, and the player says so. */
function collect(node: unknown, sheets: Set<string>): void {
  const children = property(node, "childNodes");
  if (isStyleElement(node)) {
    const text = property(property(node, "attributes"), "_cssText");
    const inParts = Array.isArray(children) && children.length > 0;
    if (typeof text === "string") sheets.add(inParts ? text.replaceAll(SPLIT, "") : text);
  }
  if (property(node, "isStyle") === true) {
    const text = property(node, "textContent");
    if (typeof text === "string") sheets.add(text);
  }
  if (Array.isArray(children)) for (const child of children) collect(child, sheets);
}

/** A link with the text of its sheet is drawn as a style element. */
function isStyleElement(node: unknown): boolean {
  const tag = property(node, "tagName");
  return tag === "style" || tag === "link";
}

function property(of: unknown, key: string): unknown {
  return typeof of === "object" && of !== null ? (of as Record<string, unknown>)[key] : undefined;
}
