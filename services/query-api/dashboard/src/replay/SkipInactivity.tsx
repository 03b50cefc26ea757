// Whether stretches in which the visitor does nothing are passed quickly.
import type { Playback } from "./playback";
import "./skip-inactivity.css";
import { usePlayback } from "./usePlayback";

export function SkipInactivity({ playback }: { playback: Playback }) {
  const skips = usePlayback(playback, (state) => state.skipInactivity);
  const skipping = usePlayback(playback, (state) => state.skipping);
  return (
    <label className="skip-inactivity" data-testid="skip-inactivity" data-skipping={skipping}>
      <input
        type="checkbox"
        checked={skips}
        onChange={(event) => {
          playback.setSkipInactivity(event.target.checked);
        }}
      />
      {skipping ? "Skipping inactivity" : "Skip inactivity"}
    </label>
  );
}
