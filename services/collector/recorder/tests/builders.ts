// Events, batches, settings and a collector to send them to, for the tests.
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";
import { vi } from "vitest";
import type { Batch } from "../src/batch";
import type { ConnectionConfig } from "../src/connection";
import type { Settings } from "../src/settings";
import type { Store } from "../src/storage";

export const settings: Settings = {
  key: "write-key-1",
  endpoint: "https://collector.example",
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
};

export const config: ConnectionConfig = {
  record: true,
  sample_rate: 1,
  mask_all_text: false,
  consent_required: false,
  gap_ms: 30 * 60_000,
};

export function batch(seq: number, text = `[{"seq":${seq}}]`, overrides: Partial<Batch> = {}): Batch {
  return {
    visitor: "visitor-1",
    window: "window-1",
    seq,
    consent: false,
    madeAt: Date.now(),
    triedAt: null,
    kept: "no",
    body: { encoding: "identity", text },
    ...overrides,
  };
}

export function mapStore(): Store & { map: Map<string, string> } {
  const map = new Map<string, string>();
  return {
    map,
    get: (name) => map.get(name) ?? null,
    set: (name, value) => {
      map.set(name, value);
      return true;
    },
    remove: (name) => {
      map.delete(name);
    },
  };
}

export const mouseMove = (timestamp: number): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: { source: IncrementalSource.MouseMove, positions: [{ x: 1, y: 2, id: 3, timeOffset: 0 }] },
  timestamp,
});

export const mutation = (timestamp: number): eventWithTime => ({
  type: EventType.IncrementalSnapshot,
  data: { source: IncrementalSource.Mutation, texts: [], attributes: [], removes: [], adds: [] },
  timestamp,
});

export const custom = (timestamp: number): eventWithTime => ({
  type: EventType.Custom,
  data: { tag: "chat", payload: {} },
  timestamp,
});

export interface Sent {
  query: URLSearchParams;
  seq: number;
  text: string;
  keepalive: boolean;
  signal?: AbortSignal | null;
}

/** A collector behind `fetch`: `answers` are given in turn, then 202. Bodies are read as text or gunzipped. */
export class FakeCollector {
  readonly sent: Sent[] = [];
  configRequests = 0;
  answers: (Response | Error | Promise<Response>)[] = [];
  config: Response | null = null;

  constructor() {
    vi.stubGlobal("fetch", (url: string, init: RequestInit = {}) => this.fetch(new URL(url), init));
  }

  seqs(): number[] {
    return this.sent.map((request) => request.seq);
  }

  /** All that was sent, as one text to search. */
  text(): string {
    return this.sent.map((request) => request.text).join("\n");
  }

  private async fetch(url: URL, init: RequestInit): Promise<Response> {
    if (url.pathname === "/v1/recorder-config") {
      this.configRequests += 1;
      return this.config ?? Response.json(config);
    }
    // In the order of the calls, not in that in which their bodies are read.
    const answering = this.answers.shift();
    this.sent.push({
      query: url.searchParams,
      seq: Number(url.searchParams.get("seq")),
      text: await textOf(init.body, url.searchParams.get("encoding")),
      keepalive: init.keepalive ?? false,
      signal: init.signal ?? null,
    });
    const answer = await (answering ?? new Response("{}", { status: 202 }));
    if (answer instanceof Error) throw answer;
    return answer;
  }
}

async function textOf(body: RequestInit["body"], encoding: string | null): Promise<string> {
  const response = new Response(body ?? "");
  if (encoding !== "gzip" || response.body === null) return response.text();
  return new Response(response.body.pipeThrough(new DecompressionStream("gzip"))).text();
}

export const refusal = (status: number, headers: Record<string, string> = {}) =>
  new Response("{}", { status, headers });
