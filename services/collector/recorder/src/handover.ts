// Batches that a page could not see accepted, kept in sessionStorage for the tab's next page. Sent twice does
// no harm: the number is the same, and the sessionizer drops a number that it has seen.
import type { Batch } from "./batch";
import { isId } from "./ids";
import type { Store } from "./storage";

const UNSENT = "unsent";
/** Browsers give a site about five million characters in all; the site needs them too. */
export const MAX_CHARS = 1_000_000;

interface Kept {
  visitor: string;
  window: string;
  seq: number | null;
  consent: boolean;
  madeAt: number;
  triedAt: number | null;
  /** The queue certainly has it. */
  queued: boolean;
  /** The body as text, or in base64 where it is gzip. */
  text?: string;
  gzip?: string;
}

/** Keeps as many as there is room for, the earlier first, and gives those that it kept. */
export function handOver(session: Store, batches: readonly Batch[]): Batch[] {
  const kept: Batch[] = [];
  const texts: string[] = [];
  let chars = 2;
  for (const batch of batches) {
    const text = JSON.stringify(toKept(batch));
    if (chars + text.length + 1 > MAX_CHARS) continue;
    chars += text.length + 1;
    texts.push(text);
    kept.push(batch);
  }
  // The page may have filled the storage itself: then fewer, down to none.
  while (kept.length > 0 && !session.set(UNSENT, `[${texts.join(",")}]`)) {
    texts.pop();
    kept.pop();
  }
  return kept;
}

/** What an earlier page of the tab left, which then is no longer there. */
export function takeOver(session: Store): Batch[] {
  const text = session.get(UNSENT);
  if (text === null) return [];
  session.remove(UNSENT);
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.flatMap((item: unknown) => fromKept(item) ?? []) : [];
  } catch {
    return [];
  }
}

export function dropHandedOver(session: Store): void {
  session.remove(UNSENT);
}

function toKept({ visitor, window, seq, consent, madeAt, triedAt, kept, body }: Batch): Kept {
  const facts = { visitor, window, seq, consent, madeAt, triedAt, queued: kept === "yes" };
  return body.encoding === "gzip" ? { ...facts, gzip: toBase64(body.bytes) } : { ...facts, text: body.text };
}

function fromKept(value: unknown): Batch | null {
  if (typeof value !== "object" || value === null) return null;
  const { visitor, window, seq, consent, madeAt, triedAt, queued, text, gzip } = value as Untrusted;
  if (!isId(visitor) || !isId(window) || typeof consent !== "boolean" || typeof madeAt !== "number")
    return null;
  if (!isNumberOrNull(seq) || !isNumberOrNull(triedAt)) return null;
  const kept = queued === true ? "yes" : "maybe";
  const facts = { visitor, window, seq, consent, madeAt, triedAt, kept } as const;
  if (typeof text === "string") return { ...facts, body: { encoding: "identity", text } };
  if (typeof gzip !== "string") return null;
  try {
    return { ...facts, body: { encoding: "gzip", bytes: fromBase64(gzip) } };
  } catch {
    return null;
  }
}

type Untrusted = Partial<Record<keyof Kept, unknown>>;

function isNumberOrNull(value: unknown): value is number | null {
  return value === null || typeof value === "number";
}

function toBase64(bytes: Uint8Array): string {
  // In runs: a call takes only so many arguments.
  const runs: string[] = [];
  for (let at = 0; at < bytes.length; at += 8_192)
    runs.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)));
  return btoa(runs.join(""));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
