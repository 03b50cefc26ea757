// The bar under the stage: play or pause, restart, time, timeline, speed.
import type { SessionWindow, TimelineItem } from "../api/types";
import { exactTime, position } from "../format/time";
import { PauseIcon, PlayIcon, RestartIcon } from "../icons";
import "./controls.css";
import type { Playback } from "./playback";
import { Scrubber } from "./Scrubber";
import { SkipInactivity } from "./SkipInactivity";
import { SpeedChoice } from "./SpeedChoice";
import { usePlayback } from "./usePlayback";

interface Props {
  playback: Playback;
  window: SessionWindow | null;
  /** What happened, for the marks; of all windows. */
  items: readonly TimelineItem[];
  /** Why play is disabled; null when it is not. */
  disabledBecause: string | null;
}

export function Controls({ playback, window, items, disabledBecause }: Props) {
  const playing = usePlayback(playback, (state) => state.phase === "playing");
  const disabled = usePlayback(playback, (state) => state.phase === "empty");
  const name = playing ? "Pause" : "Play";
  return (
    <div className="controls" role="group" aria-label="Playback">
      <button
        type="button"
        className="round primary"
        data-testid="replay-play"
        aria-label={name}
        title={disabled ? (disabledBecause ?? undefined) : `${name} (space)`}
        aria-describedby={disabled ? "replay-notice" : undefined}
        disabled={disabled}
        onClick={() => {
          playback.toggle();
        }}
      >
        {playing ? <PauseIcon /> : <PlayIcon />}
      </button>
      <button
        type="button"
        className="round"
        data-testid="restart"
        aria-label="Restart"
        title="Restart"
        disabled={disabled}
        onClick={() => {
          playback.seek(0);
          playback.play();
        }}
      >
        <RestartIcon />
      </button>
      <Time playback={playback} />
      <Scrubber playback={playback} window={window} items={items} />
      <SpeedChoice playback={playback} />
      <SkipInactivity playback={playback} />
    </div>
  );
}

function Time({ playback }: { playback: Playback }) {
  const positionMs = usePlayback(playback, (state) => state.positionMs);
  const totalMs = usePlayback(playback, (state) => state.totalMs);
  const startAt = usePlayback(playback, (state) => state.startAt);
  const started = usePlayback(playback, (state) => state.phase !== "empty");
  return (
    <span
      className="time"
      data-testid="current-time"
      data-position-ms={positionMs}
      data-at-ms={started ? startAt + positionMs : undefined}
      title={started ? exactTime(startAt + positionMs) : undefined}
    >
      <span>{position(positionMs)}</span>
      <span className="time-total"> / {position(totalMs)}</span>
    </span>
  );
}
