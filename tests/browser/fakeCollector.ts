// A collector for tests of the recorder alone: keeps every request, and answers as it is told.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { RECORDER } from "./paths";

export interface Received {
  contentType: string;
  encoding: string;
  visitor: string;
  window: string;
  seq: number;
  /** The body, decompressed. */
  text: string;
  events: { type: number; data: Record<string, unknown>; timestamp: number }[];
  status: number;
}

/** What each request tells of the page that it comes from. */
export interface Asked {
  method: string;
  path: string;
  referer: string | undefined;
  origin: string | undefined;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
}

const CORS = { "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After" };

export class FakeCollector {
  readonly received: Received[] = [];
  readonly asked: Asked[] = [];
  /** Methods of the requests that it has no answer for: a CORS preflight is an OPTIONS. */
  readonly unanswered: string[] = [];
  /** Given in turn, then 202. */
  answers: Answer[] = [];
  /** What of the connection's settings for recorders is not as usual. */
  config: Record<string, unknown> = {};
  /** For batches: "away" cuts the connection unread, "silent" never answers. */
  batches: "answered" | "away" | "silent" = "answered";
  /** Batches that are not answered, and that the browser still waits for. */
  waiting = 0;
  /** A site of the collector's own origin: what its paths show that are not the collector's. */
  site: string | null = null;
  private readonly server = createServer((request, response) => {
    void this.handle(request, response);
  });

  private constructor() {
    this.server.listen(0, "127.0.0.1");
  }

  static async start(): Promise<FakeCollector> {
    const collector = new FakeCollector();
    await once(collector.server, "listening");
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get recorderUrl(): string {
    return `${this.url}/recorder.js`;
  }

  get accepted(): Received[] {
    return this.received.filter(({ status }) => status === 202);
  }

  clear(): void {
    this.received.length = 0;
    this.asked.length = 0;
    this.unanswered.length = 0;
    this.site = null;
    this.answers = [];
    this.config = {};
    this.batches = "answered";
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://collector");
    const { referer, origin } = request.headers;
    this.asked.push({ method: request.method ?? "", path: url.pathname, referer, origin });
    const json = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      response.writeHead(status, { ...CORS, "Content-Type": "application/json", ...headers });
      response.end(JSON.stringify(body));
    };
    switch (`${request.method ?? ""} ${url.pathname}`) {
      case "GET /recorder.js":
        response.writeHead(200, { "Content-Type": "text/javascript" });
        response.end(await readFile(RECORDER));
        return;
      case "GET /v1/recorder-config":
        json(200, {
          record: true,
          sample_rate: 1,
          mask_all_text: false,
          consent_required: false,
          gap_ms: 1_800_000,
          ...this.config,
        });
        return;
      case "POST /v1/batches": {
        if (this.batches !== "answered") {
          if (this.batches === "away") {
            request.destroy();
            return;
          }
          this.waiting += 1;
          response.once("close", () => {
            this.waiting -= 1;
          });
          request.resume();
          return;
        }
        const { status, headers } = this.answers.shift() ?? { status: 202 };
        this.received.push(await read(request, url.searchParams, status));
        json(status, {}, headers);
        return;
      }
      default:
        if (this.site !== null && request.method === "GET") {
          response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
          response.end(`<!doctype html><title>A site</title>${this.site}`);
          return;
        }
        // An OPTIONS comes here: the recorder must not need a preflight.
        this.unanswered.push(request.method ?? "");
        json(404, {});
    }
  }
}

async function read(request: IncomingMessage, query: URLSearchParams, status: number): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const text = (query.get("encoding") === "gzip" ? gunzipSync(body) : body).toString("utf8");
  return {
    contentType: request.headers["content-type"] ?? "",
    encoding: query.get("encoding") ?? "",
    visitor: query.get("visitor") ?? "",
    window: query.get("window") ?? "",
    seq: Number(query.get("seq")),
    text,
    events: JSON.parse(text) as Received["events"],
    status,
  };
}
