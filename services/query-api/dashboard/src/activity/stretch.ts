// A stretch of the activity that somebody chose, by its buckets or by its time. Pure.
import type { ActivityBucket } from "../api/types";
import { bounds, type TimeRange } from "../filters/filters";

/** The first and the last bucket of a stretch. */
export interface Buckets {
  first: number;
  last: number;
}

/** ms since the epoch; `to` is not part of it. */
export interface Stretch {
  from: number;
  to: number;
}

/** The buckets between two places on the chart's axis, on which bucket n reaches from n - 0.5 to n + 0.5; null where
 *  there are none. A bucket that is touched is meant. */
export function between(one: number, other: number, buckets: number): Buckets | null {
  if (buckets === 0) return null;
  const within = (n: number) => Math.min(Math.max(n, 0), buckets - 1);
  const [low, high] = one <= other ? [one, other] : [other, one];
  const first = within(Math.floor(low + 0.5));
  return { first, last: Math.max(first, within(Math.ceil(high + 0.5) - 1)) };
}

/** The time of a stretch's buckets, and no more than is shown: the outer buckets reach beyond it. */
export function timeOf(
  buckets: readonly ActivityBucket[],
  { first, last }: Buckets,
  shown: TimeRange | null,
  now: number,
): Stretch | null {
  const from = buckets[first]?.starts_at;
  const to = buckets[last]?.ends_at;
  if (from === undefined || to === undefined) return null;
  const limits = bounds(shown, now);
  const stretch = { from: Math.max(from, limits.from ?? from), to: Math.min(to, limits.to ?? to) };
  return stretch.from < stretch.to ? stretch : null;
}

/** The buckets that hold a stretch, as far as they are there; the series may have moved on since it was chosen. */
export function bucketsOf(buckets: readonly ActivityBucket[], stretch: Stretch): Buckets | null {
  const first = buckets.findIndex(({ ends_at }) => ends_at > stretch.from);
  const last = buckets.findLastIndex(({ starts_at }) => starts_at < stretch.to);
  return first === -1 || last === -1 || last < first ? null : { first, last };
}

/** Every how many buckets one has a label, so that no more than `most` have. */
export function labelEvery(buckets: number, most: number): number {
  return Math.max(1, Math.ceil(buckets / Math.max(1, most)));
}
