// Small visits that are made of events, each of which has what a filter looks for; they come by the collector's HTTP.

const HTML = { type: 2, tagName: "html", attributes: {}, childNodes: [], id: 2 };

export interface Visit {
  visitor: string;
  /** ms since the epoch */
  at: number;
  userAgent: string;
  country: string;
  pages: string[];
  lastsMs: number;
  /** Without a picture of the page it cannot be played. */
  picture?: boolean;
  rageClick?: boolean;
  deadClick?: boolean;
  error?: boolean;
  /** The visitor is still there. */
  stays?: boolean;
}

interface SomeEvent {
  type: number;
  data: unknown;
  timestamp: number;
}

export function eventsOf(visit: Visit): SomeEvent[] {
  const { at, lastsMs } = visit;
  const events: SomeEvent[] = [];
  const add = (after: number, type: number, data: unknown) =>
    events.push({ type, data, timestamp: at + after });
  const click = (after: number) => add(after, 3, { source: 2, type: 2, id: 2, x: 10, y: 10 });
  const change = (after: number) =>
    add(after, 3, { source: 0, texts: [], attributes: [], removes: [], adds: [] });

  visit.pages.forEach((href, n) => {
    add(n * 1_000, 4, { href, width: 800, height: 600 });
    if (visit.picture !== false) {
      const node = { type: 0, childNodes: [HTML], id: 1 };
      add(n * 1_000 + 1, 2, { node, initialOffset: { left: 0, top: 0 } });
    }
  });
  const behind = visit.pages.length * 1_000;
  if (visit.rageClick === true) {
    for (const after of [0, 100, 200]) {
      click(behind + after);
      change(behind + after + 10);
    }
  }
  if (visit.error === true) {
    const payload = { level: "error", trace: [], payload: ['"it broke"'] };
    add(behind + 500, 6, { plugin: "rrweb/console@1", payload });
  }
  if (visit.deadClick === true) {
    click(behind + 1_000);
    for (const after of [2_000, 3_000, 4_000]) {
      add(behind + after, 3, { source: 1, positions: [{ x: 1, y: 1, id: 2, timeOffset: 0 }] });
    }
  }
  change(lastsMs);
  return events;
}

/** @param countryHeader the header in which the collector is told countries */
export async function send(
  collectorUrl: string,
  writeKey: string,
  visit: Visit,
  countryHeader: string,
): Promise<void> {
  // A window's numbers are its own, and a number that was there is a repeat.
  const window = `w-${visit.at}`;
  const query = new URLSearchParams({ key: writeKey, visitor: visit.visitor, window, seq: "0" });
  if (visit.stays !== true) query.set("final", "1");
  const answer = await fetch(`${collectorUrl}/v1/batches?${query}`, {
    method: "POST",
    headers: { "User-Agent": visit.userAgent, [countryHeader]: visit.country },
    body: JSON.stringify(eventsOf(visit)),
  });
  if (answer.status !== 202) throw new Error(`${visit.visitor}: ${answer.status} ${await answer.text()}`);
}
