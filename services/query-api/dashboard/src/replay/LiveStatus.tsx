// Whether the replay follows the visitor, how far behind them it is, and the way back to them.
import "./live-status.css";
import type { Playback } from "./playback";
import { usePlayback } from "./usePlayback";
import type { WindowPlayback } from "./useWindowPlayback";

interface Props {
  playback: Playback;
  live: WindowPlayback["live"];
}

export function LiveStatus({ playback, live }: Props) {
  // By the second: what changes with every frame would be drawn with every frame.
  const behind = usePlayback(playback, ({ behindMs }) =>
    behindMs === null ? null : Math.round(behindMs / 1_000),
  );
  if (live === null || live.state === "refused") return null;
  const lost = live.state === "lost";
  if (behind !== null) {
    return (
      <p
        className={`live-status ${lost ? "" : "live-status-on"}`}
        data-testid="live-status"
        data-state={live.state}
      >
        <span className="live-status-dot" aria-hidden="true" />
        {lost ? "Live, connecting again" : `Live, ${behind} s behind`}
      </p>
    );
  }
  return (
    <p className="live-status" data-testid="live-status" data-state={live.state}>
      <span>The visitor is still here.</span>{" "}
      <button
        type="button"
        className="link"
        data-testid="go-live"
        disabled={live.state === "coming"}
        onClick={live.go}
      >
        {live.state === "coming" ? "Going live" : "Go live"}
      </button>
    </p>
  );
}
