// A session's windows: when they were open, what of them is missing, and from where they play.
import type { SessionWindow } from "../api/types";
import { count, counted } from "../format/number";
import { duration, exactTime, position } from "../format/time";
import { inRuns } from "./missingSeqs";
import { inTimeOrder } from "./whyNotPlayable";

const REASONS: Record<NonNullable<SessionWindow["playability"]["reason"]>, string> = {
  no_events: "It holds no events.",
  no_meta: "It cannot be played: the size and address of its page are missing.",
  no_full_snapshot: "It cannot be played: no full snapshot of its page came.",
  first_part_missing: "Its first part is lost",
  no_full_snapshot_at_beginning: "It began without a full snapshot",
};

export function WindowFacts({ windows, shown }: { windows: readonly SessionWindow[]; shown: string | null }) {
  return (
    <ol className="info-windows">
      {inTimeOrder(windows).map((window, index) => (
        <li key={window.window_id} data-testid="info-window" data-window-id={window.window_id}>
          Window {index + 1}
          {window.window_id === shown && windows.length > 1 && " (shown)"}
          <span className="info-more" title={exactTime(window.first_at)}>
            {counted(window.events, "event")} in {duration(window.last_at - window.first_at)}
            {window.ended && ", closed by the visitor"}
          </span>
          {window.missing > 0 && (
            <span className="info-more info-missing">
              {count(window.missing)} {window.missing === 1 ? "batch is" : "batches are"} missing:{" "}
              {inRuns(window.missing_seqs)}
              {window.missing > window.missing_seqs.length && " and more"}
            </span>
          )}
          {window.playability.reason !== null && (
            <span className="info-more info-missing">{reasonOf(window)}</span>
          )}
        </li>
      ))}
    </ol>
  );
}

function reasonOf({ first_at, playability: { reason, from_at } }: SessionWindow): string {
  if (reason === null) return "";
  return from_at === null
    ? REASONS[reason]
    : `${REASONS[reason]}; it plays from ${position(from_at - first_at)} on.`;
}
