// Reads a playback's state into a component, drawing it again only when the part it reads has changed.
import { useSyncExternalStore } from "react";
import type { Playback, PlaybackState } from "./playback";

export function usePlayback<Part>(playback: Playback, read: (state: PlaybackState) => Part): Part {
  return useSyncExternalStore(playback.subscribe, () => read(playback.state()));
}
