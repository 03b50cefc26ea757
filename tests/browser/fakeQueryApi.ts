// The built dashboard with a query API of one test's own: one active session, whose visitor does what the test says.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { FULL_SNAPSHOT, type RecordedEvent } from "./recordings";
import { root } from "./paths";

const DIST = root("services/query-api/dashboard/dist");
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export const SESSION = "019abf3c-5d80-7c3e-9f21-6b8d0e4a7c55";
const CONNECTION = "demo-shop";
const WINDOW = "w_1";
const RETRY_MS = 200;
/** From the visitor to the collector. */
const WAY_MS = 100;

export class FakeQueryApi {
  /** What each stream said that it had heard last; null where it was the first. */
  readonly heard: (string | null)[] = [];
  /** The searches of the calls for stored events. */
  readonly asked: string[] = [];
  /** There is no such stream. */
  refusesLive = false;
  private readonly batches: { id: number; receivedAt: number; events: RecordedEvent[] }[] = [];
  private completedAt: number | null = null;
  private readonly streams = new Set<ServerResponse>();
  private readonly server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://dashboard");
    if (pathname === `/v1/sessions/${SESSION}/live` && !this.refusesLive) {
      this.stream(response, request.headers["last-event-id"] as string | undefined);
    } else if (pathname.startsWith("/v1/")) {
      const answer = this.answer(pathname, searchParams);
      response.writeHead(answer === null ? 404 : 200, { "Content-Type": "application/json" });
      response.end(
        JSON.stringify(answer ?? { status: 404, reason: "unknown", title: "There is no such thing" }),
      );
    } else {
      const file = existsSync(`${DIST}${pathname}`) && extname(pathname) !== "" ? pathname : "/index.html";
      void readFile(`${DIST}${file}`).then((content) => {
        response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
        response.end(content);
      });
    }
  });

  static async open(): Promise<FakeQueryApi> {
    const api = new FakeQueryApi();
    api.server.listen(0, "127.0.0.1");
    await once(api.server, "listening");
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/sessions/${SESSION}?connection=${CONNECTION}`;
  }

  /** The visitor has done this, and the collector has it. */
  arrive(events: RecordedEvent[]): void {
    const receivedAt = (events.at(-1)?.timestamp ?? 0) + WAY_MS;
    this.batches.push({ id: this.batches.length, receivedAt, events });
    for (const stream of this.streams) this.tell(stream, this.batches.length - 1);
  }

  complete(): void {
    this.completedAt = Date.now();
    for (const stream of this.streams) {
      stream.end(`event: completed\ndata: ${JSON.stringify({ completed_at: this.completedAt })}\n\n`);
    }
    this.streams.clear();
  }

  /** The connections of all who listen break. */
  breakStreams(): void {
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private get events(): RecordedEvent[] {
    return this.batches.flatMap(({ events }) => events);
  }

  private stream(response: ServerResponse, lastId: string | undefined): void {
    this.heard.push(lastId ?? null);
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(`retry: ${RETRY_MS}\n\n`);
    const newest = this.batches.findLastIndex(({ events }) =>
      events.some(({ type }) => type === FULL_SNAPSHOT),
    );
    const from = lastId === undefined ? newest : Number(lastId.split("-")[1]) + 1;
    for (let index = from; index < this.batches.length; index += 1) this.tell(response, index);
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }

  private tell(stream: ServerResponse, index: number): void {
    const batch = this.batches[index];
    if (batch === undefined) return;
    const data = { window_id: WINDOW, seq: batch.id, received_at: batch.receivedAt, events: batch.events };
    stream.write(`id: 3-${batch.id}\nevent: batch\ndata: ${JSON.stringify(data)}\n\n`);
  }

  private answer(path: string, query: URLSearchParams): unknown {
    if (path === "/v1/me") return { name: "Ada", tenant: "demo", role: "reader" };
    if (path === "/v1/connections") return { connections: [{ id: CONNECTION, name: "Demo", created_at: 1 }] };
    if (path === `/v1/connections/${CONNECTION}/sessions`) return { sessions: [], next_cursor: null };
    if (path === `/v1/sessions/${SESSION}`) return this.session();
    if (path !== `/v1/sessions/${SESSION}/events`) return null;
    this.asked.push(query.toString());
    const { events } = this;
    const at = query.get("at");
    const snapshot = events.findLastIndex(
      ({ type, timestamp }) => type === FULL_SNAPSHOT && timestamp <= Number(at),
    );
    return { events: at === null ? events : events.slice(Math.max(0, snapshot - 1)), next_cursor: null };
  }

  private session(): unknown {
    const { events, completedAt } = this;
    const first = events[0]?.timestamp ?? 0;
    const last = events.at(-1)?.timestamp ?? 0;
    const snapshots = events
      .filter(({ type }) => type === FULL_SNAPSHOT)
      .map(({ timestamp }) => ({ at: timestamp, seq: 0 }));
    return {
      session_id: SESSION,
      connection_id: CONNECTION,
      visitor_id: "v_1",
      started_at: first,
      first_event_at: first,
      last_event_at: last,
      duration_ms: last - first,
      status: completedAt === null ? "active" : "completed",
      completed_at: completedAt,
      completion_reason: completedAt === null ? null : "ended",
      landing_url: "https://shop.example/",
      user_agent: "",
      browser: "Chrome",
      os: "Linux",
      device: "Other",
      country: "",
      events: events.length,
      batches: this.batches.length,
      raw_bytes: 1_000,
      replayable: true,
      not_replayable_reason: null,
      windows: [
        {
          window_id: WINDOW,
          first_at: first,
          last_at: last,
          skew_ms: 0,
          events: events.length,
          batches: this.batches.length,
          playable_at: snapshots[0]?.at ?? null,
          missing: 0,
          missing_seqs: [],
          ended: completedAt !== null,
          playability: {
            from_at: snapshots[0]?.at ?? null,
            reason: null,
            full_snapshots: snapshots,
            full_snapshots_in_all: snapshots.length,
          },
        },
      ],
    };
  }
}
