// How a replay keeps up with a visitor who is there. Pure; times are ms since the epoch.
//
// What they do comes in batches, so a replay that is to run smoothly stays a little behind them: as far as the
// oldest event of a batch is old when the batch arrives. It gets there, and back when batches come sooner again, by
// playing a little faster or slower, as players of live video do.

/** Where the replay should be, in the terms of the visitor's clock. */
export interface LiveClock {
  /** Added to a time of the visitor's clock it gives the collector's. */
  skewMs: number;
  /** How far the replay stays behind. */
  delayMs: number;
}

/** The recorder sends every two seconds. */
export const LEAST_DELAY_MS = 2_000;
export const MOST_DELAY_MS = 15_000;
/** Batches are not equally late; so much is added to the latest of them. */
const SPARE_MS = 250;
/** Nobody sees this much. */
const NEAR_MS = 250;
/** To get nearer by playing faster would take too long from here. */
const FAR_MS = 10_000;

/** The moment that is to be on screen, on the visitor's clock. */
export function liveTarget(nowAt: number, { skewMs, delayMs }: LiveClock): number {
  return Math.round(nowAt - skewMs - delayMs);
}

/** At what speed to play from here; "jump" where no speed will do. */
export function liveSpeed(shownAt: number, targetAt: number): number | "jump" {
  const behindMs = targetAt - shownAt;
  if (behindMs > FAR_MS) return "jump";
  if (behindMs > NEAR_MS) return 1.5;
  return behindMs < -NEAR_MS ? 0.5 : 1;
}

/** What is usual for the way from the collector to here, where a batch of old tells nothing of it. */
const USUAL_WAY_MS = 1_000;

interface Arrival {
  /** Of its oldest event, on the visitor's clock. */
  firstAt: number;
  skewMs: number;
  /** On the collector's clock. */
  receivedAt: number;
  /** On this machine's. */
  arrivedAt: number;
}

/** How old a batch's oldest event was when it came here; for one of before the replay began, when it would have. */
export function lateness({ firstAt, skewMs, receivedAt, arrivedAt }: Arrival): number {
  const wayMs = arrivedAt - receivedAt;
  const isOld = wayMs > MOST_DELAY_MS;
  return receivedAt - (firstAt + skewMs) + (isOld ? USUAL_WAY_MS : Math.max(0, wayMs));
}

/** How far to stay behind when the last batches were so late. */
export function delayFor(latenesses: readonly number[]): number {
  const latest = Math.max(0, ...latenesses) + SPARE_MS;
  return Math.min(MOST_DELAY_MS, Math.max(LEAST_DELAY_MS, latest));
}
