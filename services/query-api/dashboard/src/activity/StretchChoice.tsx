// The brush for the keyboard and for fingers: where the stretch begins, where it ends, and a button that shows it.
import type { KeyboardEvent } from "react";
import type { ActivityBucket } from "../api/types";
import type { BucketNames } from "./bucketNames";
import type { Buckets } from "./stretch";

interface Props {
  buckets: readonly ActivityBucket[];
  names: BucketNames;
  /** null while nothing less than all is chosen. */
  chosen: Buckets | null;
  choose: (chosen: Buckets) => void;
  take: (chosen: Buckets) => void;
  leave: () => void;
}

export function StretchChoice({ buckets, names, chosen, choose, take, leave }: Props) {
  const most = buckets.length - 1;
  if (most < 1) return null;
  const { first, last } = chosen ?? { first: 0, last: most };
  const name = (index: number) => {
    const bucket = buckets[index];
    return bucket === undefined ? "" : names.whole(bucket);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && chosen !== null) take(chosen);
    else if (event.key === "Escape" && chosen !== null) leave();
  };
  return (
    <div className="stretch" role="group" aria-label="Choose a stretch of time" onKeyDown={onKey}>
      <div className="stretch-sliders">
        <input
          type="range"
          aria-label="Beginning"
          data-testid="stretch-first"
          min={0}
          max={most}
          value={first}
          aria-valuetext={name(first)}
          onChange={(event) => {
            const value = Number(event.target.value);
            choose({ first: value, last: Math.max(value, last) });
          }}
        />
        <input
          type="range"
          aria-label="End"
          data-testid="stretch-last"
          min={0}
          max={most}
          value={last}
          aria-valuetext={name(last)}
          onChange={(event) => {
            const value = Number(event.target.value);
            choose({ first: Math.min(first, value), last: value });
          }}
        />
      </div>
      {chosen !== null && (
        <p className="stretch-chosen" data-testid="stretch-chosen">
          {first === last ? name(first) : `${name(first)} to ${name(last)}`}
          <button
            type="button"
            className="button"
            data-testid="show-stretch"
            onClick={() => {
              take(chosen);
            }}
          >
            Show only this
          </button>
          <button type="button" className="button quiet" onClick={leave}>
            Leave it
          </button>
        </p>
      )}
    </div>
  );
}
