// The chart with its text alternative: a sentence, and the same figures as a table.
import { useId, useMemo, useRef, useState } from "react";
import type { ActivitySeries } from "../api/types";
import type { TimeRange } from "../filters/filters";
import { zoneName } from "../filters/zone";
import { count, counted } from "../format/number";
import { ActivityTable } from "./ActivityTable";
import { type BucketNames, bucketNames, lengthWords } from "./bucketNames";
import { type Buckets, between, bucketsOf, type Stretch, timeOf } from "./stretch";
import { StretchChoice } from "./StretchChoice";
import { usePlot } from "./usePlot";

interface Props {
  activity: ActivitySeries;
  /** The time that is asked for now. */
  shown: TimeRange | null;
  /** These are still the figures of the filters before. */
  dimmed: boolean;
  show: (time: TimeRange) => void;
}

export function ActivityChart({ activity, shown, dimmed, show }: Props) {
  const id = useId();
  const { buckets, bucket: length, time_zone: zone } = activity;
  const names = useMemo(() => bucketNames(length, zone), [length, zone]);
  const data = useMemo(
    () => ({
      sessions: buckets.map(({ sessions }) => sessions),
      active: buckets.map(({ active }) => active),
      labels: buckets.map(names.short),
    }),
    [buckets, names],
  );
  // Kept as a time: the series moves on while one chooses.
  const [chosen, setChosen] = useState<Stretch | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const marked = chosen === null ? null : bucketsOf(buckets, chosen);

  const take = (picked: Buckets | null) => {
    const stretch = picked === null ? null : timeOf(buckets, picked, shown, Date.now());
    setChosen(null);
    if (stretch !== null) show({ kind: "between", ...stretch });
  };
  const host = useRef<HTMLDivElement>(null);
  const failed = usePlot(host, data, marked, {
    brushed: (one, other) => {
      take(between(one, other, buckets.length));
    },
    pointedAt: setPointed,
  });

  const under = pointed === null ? undefined : buckets[pointed];
  return (
    <figure
      className={dimmed ? "activity dimmed" : "activity"}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-summary`}
      aria-busy={dimmed}
      data-testid="activity"
    >
      <figcaption>
        <h2 id={`${id}-title`}>Activity</h2>
        <p id={`${id}-summary`} className="unseen" data-testid="activity-summary">
          {summary(activity, names)}
        </p>
        <p className="activity-note" data-testid="activity-note">
          {under === undefined
            ? `Sessions started, by ${lengthWords(length)}, in ${zoneName(zone, buckets.at(-1)?.starts_at ?? 0)}`
            : `${names.whole(under)}: ${counted(under.sessions, "session")}, ${count(under.active)} active`}
        </p>
        <p className="activity-key" aria-hidden="true">
          <span className="key-active">Active</span>
          <span className="key-completed">Completed</span>
        </p>
      </figcaption>
      {failed ? (
        <p className="activity-failed">The chart could not be drawn; its figures are below.</p>
      ) : (
        <div className="activity-plot" ref={host} aria-hidden="true" data-testid="activity-plot" />
      )}
      <StretchChoice
        buckets={buckets}
        names={names}
        chosen={marked}
        choose={(picked) => {
          const { first, last } = picked;
          const from = buckets[first]?.starts_at;
          const to = buckets[last]?.ends_at;
          if (from !== undefined && to !== undefined) setChosen({ from, to });
        }}
        take={take}
        leave={() => {
          setChosen(null);
        }}
      />
      <ActivityTable activity={activity} names={names} />
    </figure>
  );
}

function summary({ buckets }: ActivitySeries, names: BucketNames): string {
  const [first] = buckets;
  if (first === undefined) return "No time is shown.";
  const sessions = buckets.reduce((sum, bucket) => sum + bucket.sessions, 0);
  if (sessions === 0) return "No sessions started.";
  const active = buckets.reduce((sum, bucket) => sum + bucket.active, 0);
  const most = buckets.reduce((best, bucket) => (bucket.sessions > best.sessions ? bucket : best), first);
  return (
    `${counted(sessions, "session")} started, ${count(active)} of them active. ` +
    `Most: ${count(most.sessions)}, ${names.whole(most)}.`
  );
}
