// Recordings as files hold them, and the way into a running stack: sent as a recorder sends them.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gunzipSync, gzipSync } from "node:zlib";
import { root } from "./paths";
import type { Stack } from "./stack";
import { until } from "./waiting";

/** As much of an rrweb event as the tests look at. */
export interface RecordedEvent {
  type: number;
  timestamp: number;
  data: unknown;
}

export const FULL_SNAPSHOT = 2;

const HOUR_MS = 3_600_000;
const BATCH_MS = 2_000;
const BATCH_CHARS = 256 * 1024;
/** Goes along with what is too large. */
const LITTLE_CHARS = 16 * 1024;

/** The recordings of examples/, by name. */
export function exampleRecordings(): { name: string; events: RecordedEvent[] }[] {
  const folder = root("examples", "recordings");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl.gz"))
    .sort()
    .map((name) => ({
      name,
      events: gunzipSync(readFileSync(`${folder}/${name}`))
        .toString()
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as RecordedEvent),
    }));
}

/** The demo events that rrweb publishes with its player. */
export function rrwebDemoEvents(): RecordedEvent[] {
  const player = createRequire(import.meta.url).resolve("rrweb-player");
  const source = readFileSync(player.replace(/dist\/.*$/, "dist/events.js"), "utf8");
  const list = /const events = (\[.*\]);?\s*$/s.exec(source)?.[1];
  if (list === undefined) throw new Error("rrweb-player's demo events are written otherwise than they were");
  return JSON.parse(list) as RecordedEvent[];
}

/** The same events at another time: the last is so long ago that its session is over. */
export function longAgo(events: readonly RecordedEvent[]): RecordedEvent[] {
  return endingAt(events, Date.now() - 2 * HOUR_MS);
}

export function endingAt(events: readonly RecordedEvent[], at: number): RecordedEvent[] {
  const shift = Math.floor(at - (events.at(-1)?.timestamp ?? 0));
  return events.map((event) => ({ ...event, timestamp: event.timestamp + shift }));
}

/** As a recorder would send them: some seconds, or some hundred thousand letters, at a time. */
export function inBatches(events: readonly RecordedEvent[]): RecordedEvent[][] {
  const batches: RecordedEvent[][] = [];
  let batch: RecordedEvent[] = [];
  let chars = 0;
  for (const event of events) {
    const length = JSON.stringify(event).length;
    const begins = batch[0]?.timestamp ?? event.timestamp;
    const tooLarge = chars + length > BATCH_CHARS && chars > LITTLE_CHARS;
    if (batch.length > 0 && (event.timestamp - begins > BATCH_MS || tooLarge)) {
      batches.push(batch);
      batch = [];
      chars = 0;
    }
    batch.push(event);
    chars += length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

export class Sender {
  private seq = 0;

  /** @param skipped seqs of batches that were lost before the first one that is sent */
  constructor(
    private readonly stack: Stack,
    readonly visitor: string,
    skipped = 0,
  ) {
    this.seq = skipped;
  }

  async send(events: readonly RecordedEvent[]): Promise<void> {
    const query = new URLSearchParams({
      key: this.stack.writeKey,
      visitor: this.visitor,
      window: this.visitor,
      seq: String(this.seq),
    });
    this.seq += 1;
    const answer = await fetch(`${this.stack.collectorUrl}/v1/batches?${query}`, {
      method: "POST",
      headers: { "Content-Encoding": "gzip", "Content-Type": "application/json" },
      body: gzipSync(JSON.stringify(events), { level: 1 }),
    });
    if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
  }

  async sendAll(events: readonly RecordedEvent[]): Promise<void> {
    for (const batch of inBatches(events)) await this.send(batch);
  }
}

interface Listed {
  session_id: string;
  events: number;
  status: string;
  visitor_id: string;
}

/** The id of the visitor's session, once the query API has so many events of it, and this status. */
export function sessionOf(stack: Stack, visitor: string, events: number, status: string): Promise<string> {
  const address = `${stack.dashboardUrl}/v1/connections/${stack.connection}/sessions?limit=100`;
  return until(
    `the session of ${visitor} is ${status}, with ${events} events`,
    async () => {
      const answer = await fetch(address, { headers: { authorization: `Bearer ${stack.token}` } });
      const { sessions } = (await answer.json()) as { sessions: Listed[] };
      const found = sessions.find(({ visitor_id }) => visitor_id === visitor);
      return found?.events === events && found.status === status ? found.session_id : null;
    },
    60_000,
  );
}
