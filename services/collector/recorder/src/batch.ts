// A batch: events of one window that are sent together under one number, unchanged from first try to last.

export interface Batch {
  readonly visitor: string;
  readonly window: string;
  readonly seq: number;
  /** The visitor had given consent. */
  readonly consent: boolean;
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
