// One POST of one batch, without a preflight: everything but the events is in the query.
import { retryAfterMs } from "./backoff";
import type { Batch } from "./batch";
import type { Settings } from "./settings";
import { verdictOf, type Verdict } from "./verdict";

const TIMEOUT_MS = 30_000;
const CONTENT_TYPE = "text/plain";

/**
 * Never rejects. A request that was cut off for its time may have arrived; one that failed has not (ADR 72).
 *
 * @param abort also the caller's, to cut it off
 */
export async function post(
  settings: Settings,
  batch: Batch,
  keepalive: boolean,
  abort = new AbortController(),
): Promise<Verdict> {
  const timer = setTimeout(() => {
    abort.abort();
  }, TIMEOUT_MS);
  try {
    const response = await fetch(urlOf(settings, batch, Date.now()), {
      method: "POST",
      body: wire(batch),
      headers: { "Content-Type": CONTENT_TYPE },
      credentials: "omit",
      // A collector on the site's own origin would be told the page's whole address, query and all.
      referrerPolicy: "no-referrer",
      keepalive,
      signal: abort.signal,
    });
    return verdictOf(response.status, retryAfterMs(response.headers.get("Retry-After"), Date.now()));
  } catch {
    return abort.signal.aborted
      ? { kind: "retry", askedMs: null, maybeTaken: true }
      : { kind: "unreachable" };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * For a page that goes, in a browser whose fetch has no keepalive. Nobody hears the answer, it cannot be cut off, and
 * what it tells of the page's address is for the page's own referrer policy to say.
 */
export function beacon(settings: Settings, batch: Batch): void {
  navigator.sendBeacon(urlOf(settings, batch, Date.now()), new Blob([wire(batch)], { type: CONTENT_TYPE }));
}

export function canKeepAlive(): boolean {
  return typeof Request === "function" && "keepalive" in Request.prototype;
}

function wire(batch: Batch): string | Uint8Array<ArrayBuffer> {
  return batch.body.encoding === "gzip" ? batch.body.bytes : batch.body.text;
}

function urlOf({ endpoint, key }: Settings, batch: Batch, sentAt: number): string {
  const query = new URLSearchParams({
    key,
    visitor: batch.visitor,
    window: batch.window,
    sent_at: String(sentAt),
  });
  if (batch.seq !== null) query.set("seq", String(batch.seq));
  if (batch.body.encoding !== "identity") query.set("encoding", batch.body.encoding);
  if (batch.consent) query.set("consent", "1");
  return `${endpoint}/v1/batches?${query}`;
}
