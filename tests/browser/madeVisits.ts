// Visits made event by event, so that a test knows to the millisecond what happened in them.
import type { Stack } from "./stack";

export interface MadeEvent {
  type: number;
  data: unknown;
  timestamp: number;
}

export interface MadeWindow {
  window: string;
  /** By seq; a number that is not there is a batch that is lost. */
  batches: Record<number, MadeEvent[]>;
}

const HEADING = 10;
const BUTTON = 12;
const FIELD = 14;

/** A page of one heading, one button and one field. */
export function page(at: number, href: string, heading: string): MadeEvent[] {
  const element = (id: number, tagName: string, childNodes: unknown[]) => ({
    type: 2,
    id,
    tagName,
    attributes: {},
    childNodes,
  });
  const text = (id: number, textContent: string) => ({ type: 3, id, textContent });
  const body = element(4, "body", [
    element(HEADING, "h1", [text(11, heading)]),
    element(BUTTON, "button", [text(13, "Order")]),
    element(FIELD, "input", []),
  ]);
  const html = element(2, "html", [element(3, "head", []), body]);
  return [
    { type: 4, data: { href, width: 800, height: 600 }, timestamp: at },
    {
      type: 2,
      data: {
        node: { type: 0, id: 1, childNodes: [html] },
        initialOffset: { left: 0, top: 0 },
      },
      timestamp: at,
    },
  ];
}

const incremental = (at: number, data: unknown): MadeEvent => ({ type: 3, data, timestamp: at });

export const click = (at: number, x = 40, y = 60): MadeEvent =>
  incremental(at, { source: 2, type: 2, id: BUTTON, x, y });
export const input = (at: number, text: string): MadeEvent =>
  incremental(at, { source: 5, id: FIELD, text, isChecked: false });
/** The heading says something else: the page has reacted. */
export const headingSays = (at: number, value: string): MadeEvent =>
  incremental(at, { source: 0, texts: [{ id: 11, value }], attributes: [], removes: [], adds: [] });
export const custom = (at: number, tag: string, payload: unknown): MadeEvent => ({
  type: 5,
  data: { tag, payload },
  timestamp: at,
});
export const consoleError = (at: number, message: string): MadeEvent => ({
  type: 6,
  data: {
    plugin: "rrweb/console@1",
    payload: { level: "error", trace: [], payload: [JSON.stringify(message)] },
  },
  timestamp: at,
});

/** Sends a visit's windows to the collector, as a recorder would have. */
export async function send(
  stack: Stack,
  visitor: string,
  windows: readonly MadeWindow[],
  userAgent: string,
): Promise<void> {
  for (const { window, batches } of windows) {
    for (const [seq, events] of Object.entries(batches)) {
      const query = new URLSearchParams({ key: stack.writeKey, visitor, window, seq });
      const answer = await fetch(`${stack.collectorUrl}/v1/batches?${query}`, {
        method: "POST",
        headers: { "User-Agent": userAgent },
        body: JSON.stringify(events),
      });
      if (answer.status !== 202) throw new Error(`the collector answered ${answer.status}`);
    }
  }
}
