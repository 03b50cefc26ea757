// Follows a visitor who is there: joins the stream of what they do, the recording that is held, and the playback.
import { delayFor, lateness } from "./live";
import { type LiveListener, listen } from "./liveFeed";
import type { Playback } from "./playback";
import type { Recording } from "./recording";

/** Of so many of the last batches the latest decides how far to stay behind. */
const BATCHES_REMEMBERED = 5;

export type LiveState = "off" | "coming" | "on" | "lost" | "refused" | "ended";

type Listen = typeof listen;

export class LiveReplay {
  private current: LiveState = "off";
  private readonly listeners = new Set<() => void>();
  private end: (() => void) | null = null;

  constructor(
    private readonly address: string,
    private readonly window: string,
    private readonly recording: Pick<Recording, "beginLive" | "takeLive" | "endLive">,
    private readonly playback: Pick<Playback, "setLive" | "goLive" | "state">,
    private readonly now: () => number = Date.now,
    private readonly follow: Listen = listen,
  ) {}

  readonly state = (): LiveState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Shows what the visitor does now. `skewMs` added to their clock's time gives the collector's. */
  start(skewMs: number): void {
    if (this.end !== null) {
      this.playback.goLive();
      return;
    }
    let joined = false;
    let latenesses: number[] = [];
    const listener: LiveListener = {
      began: () => {
        if (joined && this.playback.state().behindMs === null) {
          // Who looks at something else is not to lose it to a stream that begins anew.
          this.stop();
          this.recording.endLive(false);
          return;
        }
        joined = false;
        latenesses = [];
        this.recording.beginLive();
        this.change("coming");
      },
      batch: ({ events, receivedAt, bytes }) => {
        const firstAt = Math.min(...events.map(({ timestamp }) => timestamp));
        // The batch that a stream begins with may have a Meta event of long before it.
        if (joined && Number.isFinite(firstAt)) {
          const late = lateness({ firstAt, skewMs, receivedAt, arrivedAt: this.now() });
          latenesses = [...latenesses, late].slice(-BATCHES_REMEMBERED);
        }
        const drawn = this.recording.takeLive(events, bytes);
        if (this.end === null) return;
        this.playback.setLive({ skewMs, delayMs: delayFor(latenesses) });
        if (joined || !drawn) return;
        joined = true;
        this.playback.goLive();
        this.change("on");
      },
      lost: () => {
        this.change("lost");
      },
      found: () => {
        if (joined) this.change("on");
      },
      completed: () => {
        this.leave("ended");
        this.recording.endLive(true);
      },
      refused: () => {
        this.leave("refused");
        this.recording.endLive(false);
      },
    };
    this.end = this.follow(this.address, this.window, listener);
  }

  /** Hears no more of the visitor. */
  stop(): void {
    this.end?.();
    this.leave("off");
  }

  private leave(state: LiveState): void {
    this.end = null;
    this.playback.setLive(null);
    this.change(state);
  }

  private change(state: LiveState): void {
    if (state === this.current) return;
    this.current = state;
    for (const listener of this.listeners) listener();
  }
}
