// How long to wait before a batch is tried again. Pure.

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A collector that asks for more is not believed. */
export const LONGEST_ASKED_MS = 600_000;

/**
 * Doubles with each failure, between half and all of it by chance, so that recorders that failed together
 * do not come back together. Never sooner than the collector asked for.
 *
 * @param failures in a row, from 1
 * @param askedMs of Retry-After, null without one
 * @param chance 0 ≤ chance < 1
 */
export function waitMs(failures: number, askedMs: number | null, chance: number): number {
  const full = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 16), LONGEST_MS);
  const own = full / 2 + (full / 2) * chance;
  if (askedMs === null) return own;
  return Math.max(own, Math.min(askedMs, LONGEST_ASKED_MS) + FIRST_MS * chance);
}

/** Retry-After in ms (seconds or an HTTP date), null where there is none to read. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null || header.trim() === "") return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
