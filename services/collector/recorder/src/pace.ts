// Which events are recorded, and before which of them the page is looked at whole. Pure: time comes from the
// events themselves.
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";

export interface PaceSettings {
  /** Without the visitor for so long, nothing more is recorded until they are back. */
  pauseAfterMs: number;
  /** The connection's gap: after half of it in silence, what follows may be a new session. */
  gapMs: number;
  snapshotEveryMs: number;
}

export type Decision =
  | "record"
  | "skip"
  /** Take a full snapshot, then record the event. */
  | "snapshot_then_record"
  /** Take a full snapshot, which already holds what the event did. */
  | "snapshot_instead";

export class Pace {
  private visitorAt: number;
  private keptAt: number;
  private snapshotAt: number;
  private skipped = false;

  constructor(
    private readonly settings: PaceSettings,
    startedAt: number,
  ) {
    this.visitorAt = this.keptAt = this.snapshotAt = startedAt;
  }

  decide(event: eventWithTime): Decision {
    const at = event.timestamp;
    const byVisitor = isByVisitor(event);
    if (byVisitor) this.visitorAt = at;
    const absent = at - this.visitorAt >= this.settings.pauseAfterMs;
    if (absent && event.type === EventType.IncrementalSnapshot) {
      this.skipped = true;
      return "skip";
    }
    const silentMs = at - this.keptAt;
    this.keptAt = at;
    if (event.type === EventType.FullSnapshot) this.snapshotAt = at;
    // The first events of a page, and snapshots themselves, need no snapshot before them.
    if (!NEEDS_A_PAGE.has(event.type)) return "record";
    const due =
      this.skipped ||
      silentMs >= this.settings.gapMs / 2 ||
      at - this.snapshotAt >= this.settings.snapshotEveryMs;
    if (!due) return "record";
    this.skipped = false;
    this.snapshotAt = at;
    return byVisitor || event.type !== EventType.IncrementalSnapshot
      ? "snapshot_then_record"
      : "snapshot_instead";
  }

  /** What was recorded last is not what comes next in this window: look at the whole page before going on. */
  interrupted(): void {
    this.skipped = true;
  }
}

const NEEDS_A_PAGE: ReadonlySet<EventType> = new Set([
  EventType.IncrementalSnapshot,
  EventType.Custom,
  EventType.Plugin,
]);

const BY_VISITOR: ReadonlySet<IncrementalSource> = new Set([
  IncrementalSource.MouseMove,
  IncrementalSource.MouseInteraction,
  IncrementalSource.Scroll,
  IncrementalSource.Input,
  IncrementalSource.TouchMove,
  IncrementalSource.Drag,
  IncrementalSource.Selection,
]);

function isByVisitor(event: eventWithTime): boolean {
  return event.type === EventType.IncrementalSnapshot && BY_VISITOR.has(event.data.source);
}
