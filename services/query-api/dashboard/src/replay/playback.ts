// One window's playback: rrweb's Replayer behind play, pause, seek and speed with millisecond exactness.
// Knows no React and no network: events are fed in, state is read out.
//
// Position P means: every event up to and including P is on screen. rrweb's own `pause(offset)` stops before the
// events at `offset`, so it is always handed P + 1; otherwise the last event of a recording could not be reached.
import { EventType, type eventWithTime } from "@rrweb/types";
import type { Replayer } from "rrweb";
import { extendsBy } from "./playOrder";
import { HeldReplayer } from "./recorded-page/HeldReplayer";

export const SPEEDS = [0.5, 1, 2, 4] as const;
export type Speed = (typeof SPEEDS)[number];

export type Phase = "empty" | "paused" | "playing" | "finished";

export interface PlaybackState {
  phase: Phase;
  positionMs: number;
  totalMs: number;
  /** Position 0, ms since the epoch on the visitor's clock. */
  startAt: number;
  speed: Speed;
  /** Size of the recorded viewport in CSS pixels, once the player has drawn it. */
  viewport: { width: number; height: number } | null;
  /** Why nothing can be drawn, in the player's words. */
  failure: string | null;
}

/** Where and how a recording opens. */
export interface Opening {
  /** ms since the epoch; null opens at the beginning. */
  at: number | null;
  playing: boolean;
}

type ReplayerLike = Pick<
  Replayer,
  "play" | "pause" | "destroy" | "addEvent" | "setConfig" | "getCurrentTime" | "on"
> & {
  service: Pick<Replayer["service"], "send">;
  wrapper: HTMLElement;
  iframe: HTMLIFrameElement;
  virtualDom: Pick<Replayer["virtualDom"], "scrollData">;
};
export type MakeReplayer = (events: eventWithTime[], root: HTMLElement, speed: Speed) => ReplayerLike;

const makeReplayer: MakeReplayer = (events, root, speed) =>
  new HeldReplayer(events, {
    root,
    speed,
    // A recorded focus() would take the keyboard away from the controls.
    triggerFocus: false,
    showWarning: false,
    mouseTail: { duration: 400, lineCap: "round", lineWidth: 2, strokeStyle: "#7c6cf5" },
  });

export class Playback {
  private current: PlaybackState;
  private readonly listeners = new Set<() => void>();
  private events: eventWithTime[] = [];
  private root: HTMLElement | null = null;
  private replayer: ReplayerLike | null = null;
  private frame: number | null = null;

  constructor(
    private readonly opening: Opening,
    private readonly make: MakeReplayer = makeReplayer,
  ) {
    this.current = {
      phase: "empty",
      positionMs: 0,
      totalMs: 0,
      startAt: 0,
      speed: 1,
      viewport: null,
      failure: null,
    };
  }

  readonly state = (): PlaybackState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Draws into `root` until the returned function is called; the position survives a later mount. */
  mount(root: HTMLElement): () => void {
    this.root = root;
    this.build();
    return () => {
      this.tearDown();
      this.root = null;
    };
  }

  /** Takes the window's events in playing order; all of them, each time that some have been added. */
  feed(events: readonly eventWithTime[]): void {
    const [first] = events;
    const last = events.at(-1);
    if (first === undefined || last === undefined) return;
    const opens = this.events.length === 0;
    const added = extendsBy(this.events, events) ? events.slice(this.events.length) : null;
    if (added?.length === 0) return;
    this.events = [...events];
    // Some recorders stamp in fractions of a millisecond; a position is a whole one.
    this.change({ startAt: first.timestamp, totalMs: Math.ceil(last.timestamp - first.timestamp) });

    if (opens) {
      const { at, playing } = this.opening;
      this.change({
        phase: playing ? "playing" : "paused",
        positionMs: at === null ? 0 : this.clamp(Math.round(at - first.timestamp)),
      });
      this.build();
    } else if (added === null) {
      // Late events changed what lies behind us: draw it anew from where we are.
      this.tearDown();
      this.change({ positionMs: this.clamp(this.current.positionMs) });
      this.build();
    } else if (this.replayer !== null) {
      for (const event of added) this.replayer.addEvent(event);
      if (this.current.phase === "finished") this.carryOn(this.current.positionMs);
    }
  }

  play(): void {
    const { phase, positionMs, totalMs } = this.current;
    if (phase === "empty" || phase === "playing") return;
    if (phase === "finished" || positionMs >= totalMs) this.jump(0, "playing");
    else this.carryOn(positionMs);
  }

  pause(): void {
    const { replayer } = this;
    if (replayer === null || this.current.phase !== "playing") return;
    this.stopTicking();
    const positionMs = this.clamp(Math.floor(replayer.getCurrentTime()));
    this.draw(() => {
      replayer.pause();
    });
    this.change({ phase: "paused", positionMs });
  }

  toggle(): void {
    if (this.current.phase === "playing") this.pause();
    else this.play();
  }

  /** Shows the recording as it was at `ms` after its start; keeps playing if it was. */
  seek(ms: number): void {
    if (this.current.phase === "empty") return;
    const positionMs = this.clamp(Math.round(ms));
    this.jump(positionMs, this.current.phase === "playing" ? "playing" : "paused");
  }

  setSpeed(speed: Speed): void {
    this.change({ speed });
    this.replayer?.setConfig({ speed });
  }

  private build(): void {
    const { root, events } = this;
    if (root === null || events.length === 0 || this.replayer !== null) return;
    this.draw(() => {
      const replayer = this.make([...events], root, this.current.speed);
      this.replayer = replayer;
      replayer.iframe.title = "The recorded page";
      replayer.on("resize", (size) => {
        const { width, height } = size as { width: number; height: number };
        this.change({ viewport: { width, height } });
      });
      replayer.on("finish", () => {
        if (this.replayer === replayer) this.finished();
      });
    });
    this.jump(this.current.positionMs, this.current.phase === "playing" ? "playing" : "paused");
  }

  private tearDown(): void {
    this.stopTicking();
    const { replayer } = this;
    this.replayer = null;
    replayer?.destroy();
  }

  /** Draws the recording anew from the last snapshot before `positionMs`. */
  private jump(positionMs: number, phase: "playing" | "paused"): void {
    this.stopTicking();
    this.change({ phase, positionMs });
    const { replayer } = this;
    if (replayer === null) return;
    this.draw(() => {
      this.forget(replayer);
      if (phase === "playing") replayer.play(positionMs + 1);
      else replayer.pause(positionMs + 1);
      this.tell(replayer, positionMs);
    });
    if (phase === "playing") this.frame = requestAnimationFrame(this.tick);
  }

  /** Plays on from what is on screen. */
  private carryOn(positionMs: number): void {
    this.stopTicking();
    this.change({ phase: "playing", positionMs });
    const { replayer } = this;
    if (replayer === null) return;
    this.draw(() => {
      this.tell(replayer, positionMs);
      replayer.play(positionMs + 1);
    });
    this.frame = requestAnimationFrame(this.tick);
  }

  /**
   * Makes the player start from a snapshot. Jumping forwards it would add to what it shows, and so shows
   * something else than it does after a jump back: it repeats what came since a mouse move's first point, keeps
   * an old page's scroll position, and loses styles. A jump back has none of that, so every jump is one.
   */
  private forget(replayer: ReplayerLike): void {
    this.tell(replayer, Number.MAX_SAFE_INTEGER - this.current.startAt);
    replayer.virtualDom.scrollData = null;
  }

  /** Tells the player which moment it has drawn last. */
  private tell(replayer: ReplayerLike, positionMs: number): void {
    const event: eventWithTime = {
      type: EventType.Custom,
      data: { tag: "drawn", payload: null },
      timestamp: this.current.startAt + positionMs,
    };
    replayer.service.send({ type: "CAST_EVENT", payload: { event } });
  }

  /** The player says that it has played its last event; it says so late, and also after a jump to the end. */
  private finished(): void {
    const { replayer } = this;
    if (replayer === null || this.current.phase !== "playing") return;
    const positionMs = this.clamp(Math.floor(replayer.getCurrentTime()));
    if (positionMs < this.current.totalMs) {
      this.jump(positionMs, "playing");
      return;
    }
    this.stopTicking();
    this.change({ phase: "finished", positionMs });
  }

  private readonly tick = (): void => {
    const { replayer } = this;
    if (replayer === null) return;
    this.change({ positionMs: this.clamp(Math.floor(replayer.getCurrentTime())) });
    this.frame = requestAnimationFrame(this.tick);
  };

  private stopTicking(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
  }

  private draw(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.change({ failure: error instanceof Error ? error.message : String(error) });
    }
  }

  private clamp(ms: number): number {
    return Math.min(Math.max(0, ms), this.current.totalMs);
  }

  private change(change: Partial<PlaybackState>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }
}
