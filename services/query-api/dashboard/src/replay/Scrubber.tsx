// The timeline: a native slider whose value is the position in ms, so that it can be set exactly, and over it marks where
// something happened. The marks are for the eye; the jump list is the same for every hand.
import { type CSSProperties, type PointerEvent, useMemo, useState } from "react";
import type { SessionWindow, TimelineItem } from "../api/types";
import { position, spokenPosition } from "../format/time";
import type { Playback } from "./playback";
import "./scrubber.css";
import { idleOf, type Marker, markerNear, markersOf } from "./timeline/markers";
import { usePlayback } from "./usePlayback";

interface Props {
  playback: Playback;
  window: SessionWindow | null;
  items: readonly TimelineItem[];
}

/** As wide as in the style sheet: the thumb's middle runs from half of it to the width less half of it. */
const THUMB_PX = 16;
const SLOTS = 240;
const NEAR_PX = 6;

interface Pointed {
  part: number;
  /** How much of the timeline counts as near. */
  near: number;
}

export function Scrubber({ playback, window, items }: Props) {
  const positionMs = usePlayback(playback, (state) => state.positionMs);
  const totalMs = usePlayback(playback, (state) => state.totalMs);
  const startAt = usePlayback(playback, (state) => state.startAt);
  const disabled = usePlayback(playback, (state) => state.phase === "empty");
  const markers = useMemo(
    () => (window === null || disabled ? [] : markersOf(items, window, { startAt, totalMs }, SLOTS)),
    [items, window, disabled, startAt, totalMs],
  );
  const idle = useMemo(
    () => (disabled ? [] : idleOf(items, { startAt, totalMs })),
    [items, disabled, startAt, totalMs],
  );
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [focused, setFocused] = useState(false);

  const played = totalMs === 0 ? 0 : positionMs / totalMs;
  const shown = pointed ?? (focused ? { part: played, near: 0 } : null);
  return (
    <div
      className="timeline"
      onPointerMove={(event) => {
        setPointed(pointedAt(event));
      }}
      onPointerLeave={() => {
        setPointed(null);
      }}
    >
      <div className="marks" aria-hidden="true">
        {idle.map(({ from, to }) => (
          <span
            key={from}
            className="idle"
            data-testid="idle"
            style={{ "--from": from, "--to": to } as CSSProperties}
          />
        ))}
        {markers.map((marker) => (
          <span
            key={marker.at}
            className={`mark mark-${marker.group}`}
            data-testid="marker"
            data-kind={marker.kind}
            data-at-ms={marker.at}
            style={{ "--part": marker.part } as CSSProperties}
          />
        ))}
        {shown !== null && !disabled && (
          <span className="hint" data-testid="hint" style={{ "--part": shown.part } as CSSProperties}>
            {hintOf(shown, markers, totalMs)}
          </span>
        )}
      </div>
      <input
        className="scrubber"
        data-testid="scrubber"
        type="range"
        aria-label="Timeline"
        aria-valuetext={`${spokenPosition(positionMs)} of ${spokenPosition(totalMs)}`}
        min={0}
        max={totalMs}
        step={1}
        value={positionMs}
        disabled={disabled}
        style={{ "--part": played } as CSSProperties}
        onFocus={(event) => {
          setFocused(event.currentTarget.matches(":focus-visible"));
        }}
        onBlur={() => {
          setFocused(false);
        }}
        onChange={(event) => {
          playback.seek(event.target.valueAsNumber);
        }}
      />
    </div>
  );
}

function pointedAt(event: PointerEvent<HTMLElement>): Pointed {
  const { left, width } = event.currentTarget.getBoundingClientRect();
  const run = Math.max(1, width - THUMB_PX);
  const part = (event.clientX - left - THUMB_PX / 2) / run;
  return { part: Math.min(1, Math.max(0, part)), near: NEAR_PX / run };
}

function hintOf({ part, near }: Pointed, markers: readonly Marker[], totalMs: number): string {
  const marker = near === 0 ? null : markerNear(markers, part, near);
  if (marker === null) return position(part * totalMs);
  const more = marker.more > 0 ? ` and ${marker.more} more` : "";
  return `${position(marker.part * totalMs)} · ${marker.name}${more}`;
}
