// Reads from the moment that a replay shows, drawing anew only when what is read has changed.
import { useSyncExternalStore } from "react";
import type { Playback } from "./playback";

const never = () => () => undefined;

/** `read` is handed ms since the epoch on the visitor's clock; null while nothing is shown. */
export function useMoment<Part>(playback: Playback | null, read: (at: number | null) => Part): Part {
  return useSyncExternalStore(playback?.subscribe ?? never, () => read(momentOf(playback)));
}

export function momentOf(playback: Playback | null): number | null {
  if (playback === null) return null;
  const { phase, startAt, positionMs } = playback.state();
  return phase === "empty" ? null : startAt + positionMs;
}
