// The activity's figures, for who cannot see a chart or wants the numbers.
import { useState } from "react";
import type { ActivitySeries } from "../api/types";
import { count } from "../format/number";
import { type BucketNames, lengthWords } from "./bucketNames";

export function ActivityTable({ activity, names }: { activity: ActivitySeries; names: BucketNames }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="activity-table"
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary data-testid="activity-as-table">As a table</summary>
      {open && (
        <div className="activity-figures" role="region" aria-label="Figures of the activity" tabIndex={0}>
          <table>
            <caption className="unseen">
              Sessions started, by {lengthWords(activity.bucket)}, in {activity.time_zone}
            </caption>
            <thead>
              <tr>
                <th scope="col">Started</th>
                <th scope="col">Sessions</th>
                <th scope="col">Active</th>
                <th scope="col">Completed</th>
                <th scope="col">Events</th>
              </tr>
            </thead>
            <tbody>
              {activity.buckets.map((bucket) => (
                <tr key={bucket.starts_at}>
                  <th scope="row">
                    <time dateTime={new Date(bucket.starts_at).toISOString()}>{names.whole(bucket)}</time>
                  </th>
                  <td>{count(bucket.sessions)}</td>
                  <td>{count(bucket.active)}</td>
                  <td>{count(bucket.sessions - bucket.active)}</td>
                  <td>{count(bucket.events)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
