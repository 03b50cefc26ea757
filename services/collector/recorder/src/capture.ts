// One run of recording, from start to stop: events of rrweb, paced, into batches.
import { EventType, type eventWithTime } from "@rrweb/types";
import { Batcher } from "./batcher";
import type { ConnectionConfig } from "./connection";
import type { Delivery } from "./delivery";
import { Pace } from "./pace";
import { startRecording, type Privacy, type Recording } from "./recording";
import { safely } from "./safely";

const BATCH = { intervalMs: 2_000, maxChars: 256 * 1_024, littleChars: 16 * 1_024 };
const PAUSE_AFTER_MS = 5 * 60_000;
const SNAPSHOT_EVERY_MS = 4 * 60_000;

export class Capture {
  private readonly batcher: Batcher;
  private readonly pace: Pace;
  private readonly recording: Recording;
  private snapshotAt = 0;
  private readonly take = safely("recording an event", (event: eventWithTime) => {
    this.paced(event);
  });

  constructor(
    readonly config: ConnectionConfig,
    delivery: Delivery,
    privacy: Privacy,
  ) {
    this.batcher = new Batcher(BATCH, (events) => {
      delivery.send(events);
    });
    const pace = { pauseAfterMs: PAUSE_AFTER_MS, gapMs: config.gap_ms, snapshotEveryMs: SNAPSHOT_EVERY_MS };
    this.pace = new Pace(pace, Date.now());
    this.recording = startRecording(
      { ...privacy, maskText: privacy.maskText || config.mask_all_text },
      this.take,
    );
  }

  custom(name: string, payload: unknown): void {
    this.recording.custom(name, payload);
  }

  /** The open batch's events: the page is about to go. */
  open(): string[] {
    return this.batcher.take();
  }

  /** The stream of this window has a hole, or another page's events, before what comes next. */
  interrupted(): void {
    this.pace.interrupted();
  }

  stop(): void {
    this.recording.stop();
    this.batcher.close();
  }

  abandon(): void {
    this.recording.stop();
    this.batcher.take();
  }

  private paced(event: eventWithTime): void {
    switch (this.pace.decide(event)) {
      case "skip":
        return;
      case "record":
        break;
      case "snapshot_instead":
        this.recording.snapshot();
        return;
      case "snapshot_then_record":
        this.recording.snapshot();
        // It was first, but makes sense only on the page that the snapshot shows.
        event.timestamp = Math.max(event.timestamp, this.snapshotAt);
    }
    this.batcher.add(JSON.stringify(event), event.timestamp);
    // Without its snapshot nothing of a window can be played: it does not wait for the batch to fill.
    if (event.type === EventType.FullSnapshot) {
      this.snapshotAt = event.timestamp;
      this.batcher.close();
    }
  }
}
