// The timeline: a native slider whose value is the position in ms, so that it can be set exactly.
import type { CSSProperties } from "react";
import { position, spokenPosition } from "../format/time";
import type { Playback } from "./playback";
import { usePlayback } from "./usePlayback";

export function Scrubber({ playback }: { playback: Playback }) {
  const positionMs = usePlayback(playback, (state) => state.positionMs);
  const totalMs = usePlayback(playback, (state) => state.totalMs);
  const disabled = usePlayback(playback, (state) => state.phase === "empty");
  const played = totalMs === 0 ? 0 : positionMs / totalMs;
  return (
    <input
      className="scrubber"
      data-testid="scrubber"
      type="range"
      aria-label="Timeline"
      aria-valuetext={`${spokenPosition(positionMs)} of ${spokenPosition(totalMs)}`}
      title={position(positionMs)}
      min={0}
      max={totalMs}
      step={1}
      value={positionMs}
      disabled={disabled}
      style={{ "--part": played } as CSSProperties}
      onChange={(event) => {
        playback.seek(event.target.valueAsNumber);
      }}
    />
  );
}
