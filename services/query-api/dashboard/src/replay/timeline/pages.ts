// A long timeline comes in pages that overlap; put together it is one list. Pure.
import type { Timeline, TimelineItem } from "../../api/types";

/**
 * `page` was asked from the time of the last item that is known, so it brings again what is known of that moment.
 * What `page` says of that moment counts.
 */
export function joined(
  known: readonly TimelineItem[],
  page: readonly TimelineItem[],
  from: number,
): TimelineItem[] {
  return [...known.filter(({ at }) => at < from), ...page];
}

/** From when to ask on; null when there is no more, or more at one moment than a page holds. */
export function askOnFrom(page: Timeline, from: number): number | null {
  const last = page.items.at(-1);
  return page.more && last !== undefined && last.at > from ? last.at : null;
}
