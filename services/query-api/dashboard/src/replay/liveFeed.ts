// The stream that tells what a visitor does, as it comes (server-sent events). Knows the form of its messages, and when
// to come back; what they mean is decided elsewhere.
import type { eventWithTime } from "@rrweb/types";

export interface LiveBatch {
  events: eventWithTime[];
  /** When the collector received it, ms since the epoch. */
  receivedAt: number;
  /** Of its JSON. */
  bytes: number;
}

export interface LiveListener {
  /** The stream begins at the newest full snapshot; what an earlier one told is told again. */
  began(): void;
  batch(batch: LiveBatch): void;
  /** The connection is away, and comes back by itself. */
  lost(): void;
  found(): void;
  /** The session is completed, and all of it has been told. */
  completed(): void;
  /** There is no such stream. */
  refused(): void;
}

type Source = Pick<EventSource, "addEventListener" | "close" | "readyState">;
type OpenSource = (address: string) => Source;

const CLOSED = 2;
/** A server that restarts refuses for a moment, and then the browser gives up. */
const COME_BACK_MS = 2_000;

/** Tells of one window until the returned function is called. */
export function listen(
  address: string,
  window: string,
  listener: LiveListener,
  open: OpenSource = (url) => new EventSource(url),
): () => void {
  let source: Source | null = null;
  let back: ReturnType<typeof setTimeout> | null = null;
  let ended = false;
  let everOpen = false;

  const end = () => {
    ended = true;
    if (back !== null) clearTimeout(back);
    source?.close();
  };
  const begin = () => {
    listener.began();
    if (ended) return;
    const opened = open(address);
    source = opened;
    opened.addEventListener("open", () => {
      everOpen = true;
      listener.found();
    });
    opened.addEventListener("batch", ({ data }: MessageEvent<string>) => {
      const told = JSON.parse(data) as { window_id: string; received_at: number; events: eventWithTime[] };
      if (ended || told.window_id !== window) return;
      listener.batch({ events: told.events, receivedAt: told.received_at, bytes: data.length });
    });
    opened.addEventListener("completed", () => {
      if (ended) return;
      end();
      listener.completed();
    });
    opened.addEventListener("error", () => {
      if (ended) return;
      if (opened.readyState !== CLOSED) {
        // The browser comes back itself, and says how far it had heard.
        listener.lost();
      } else if (everOpen) {
        listener.lost();
        back = setTimeout(begin, COME_BACK_MS);
      } else {
        end();
        listener.refused();
      }
    });
  };
  begin();
  return end;
}
