// A batch: events of one window that are sent together under one number, unchanged from first try to last.

export interface Batch {
  readonly visitor: string;
  readonly window: string;
  /** null for a part of another window's batch, which has no number of its own (ADR 73). */
  readonly seq: number | null;
  /** The visitor had given consent. */
  readonly consent: boolean;
  /** When its last event was recorded: ms, the visitor's clock. */
  readonly madeAt: number;
  /** Since when the collector may have it, though no answer said so; null where it certainly has not. */
  triedAt: number | null;
  /** Whether the queue holds a copy: "maybe" where nobody saw the write end. */
  kept: "no" | "maybe" | "yes";
  /** A JSON array of events: as text until it is compressed. */
  body: { encoding: "identity"; text: string } | { encoding: "gzip"; bytes: Uint8Array<ArrayBuffer> };
}

/** Bytes that the body is on the wire. */
export function bodyBytes(batch: Batch): number {
  if (batch.body.encoding === "gzip") return batch.body.bytes.byteLength;
  return new TextEncoder().encode(batch.body.text).byteLength;
}

/** Room that the body takes while it waits; cheap. */
export function heldBytes(batch: Batch): number {
  return batch.body.encoding === "gzip" ? batch.body.bytes.byteLength : batch.body.text.length;
}

/** `[…]` of events that are JSON text already. */
export function arrayOf(events: readonly string[]): string {
  return `[${events.join(",")}]`;
}
