// How long a batch that was not accepted is kept (ADR 72). Pure.
import type { Batch } from "./batch";

const HOUR_MS = 3_600_000;
/** A visitor who was offline for most of a day is still shown whole; more is a strain on their browser. */
export const KEEP_MS = 24 * HOUR_MS;
/**
 * The sessionizer knows a number again for two hours (its `retain`). A batch that it may have had comes back
 * well within them or not at all: later it would be a second session with the same events.
 */
export const RESEND_MS = 1.5 * HOUR_MS;

export function tooOld({ madeAt, triedAt }: Pick<Batch, "madeAt" | "triedAt">, now: number): boolean {
  return now - madeAt > KEEP_MS || (triedAt !== null && now - triedAt > RESEND_MS);
}
