// When something is seen in the replay. Pure.
import type { SessionWindow, TimelineItem } from "../../api/types";

/** rrweb takes at most about this long for a full snapshot after it has written its Meta. */
const SNAPSHOT_TAKES_MS = 1_000;

/**
 * ms since the epoch on the visitor's clock. A page is played from its full snapshot on, which comes a moment after
 * the Meta that names it; before its first full snapshot a window shows nothing.
 */
export function shownAt(
  item: Pick<TimelineItem, "kind" | "at">,
  window: Pick<SessionWindow, "playability"> | undefined,
): number {
  const { full_snapshots: snapshots, from_at: from } = window?.playability ?? {
    full_snapshots: [],
    from_at: null,
  };
  const isPage = item.kind === "page_view" || item.kind === "quick_back";
  const snapshot = isPage
    ? snapshots.find(({ at }) => at >= item.at && at - item.at <= SNAPSHOT_TAKES_MS)
    : undefined;
  return Math.max(snapshot?.at ?? item.at, from ?? item.at);
}
