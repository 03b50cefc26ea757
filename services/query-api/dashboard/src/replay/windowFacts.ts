// What loading a recording has to know of its window, out of what the query API says of it. Pure.
import type { SessionWindow } from "../api/types";
import type { WindowFacts } from "./recording";

export function windowFacts(window: SessionWindow): WindowFacts {
  const { from_at, reason, full_snapshots, full_snapshots_in_all } = window.playability;
  return {
    startAt: from_at ?? window.playable_at ?? window.first_at,
    whole: reason === null,
    snapshots: full_snapshots.map((snapshot) => snapshot.at),
    moreSnapshots: full_snapshots_in_all > full_snapshots.length,
    events: window.events,
  };
}
