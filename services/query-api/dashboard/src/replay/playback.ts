// One window's playback: rrweb's Replayer behind play, pause, seek and speed with millisecond exactness.
// Knows no React and no network: a part of the recording is fed in, state is read out.
//
// Position P means: every event up to and including P is on screen. rrweb's own `pause(offset)` stops before the
// events at `offset`, so it is always handed P + 1; otherwise the last event of a recording could not be reached.
//
// The player's first event is one of ours at position 0, so that its offsets are positions whatever part it holds.
import { EventType, IncrementalSource, MouseInteractions, type eventWithTime } from "@rrweb/types";
import type { Replayer } from "rrweb";
import { passingSpeed, pauseEnd } from "./inactivity";
import { type LiveClock, liveSpeed, liveTarget } from "./live";
import { HeldReplayer } from "./recorded-page/HeldReplayer";
import { TamedRun } from "./recorded-page/TamedRun";

export const SPEEDS = [0.5, 1, 2, 4] as const;
export type Speed = (typeof SPEEDS)[number];

export type Phase = "empty" | "paused" | "playing" | "finished";

export interface PlaybackState {
  /** "empty" until the first frame can be drawn. */
  phase: Phase;
  positionMs: number;
  /** Of the whole window, however much of it is loaded. */
  totalMs: number;
  /** Position 0, ms since the epoch on the visitor's clock. */
  startAt: number;
  /** The position is not loaded yet: what is on screen is another moment, until it is. */
  waiting: boolean;
  /** The part that can be sought without waiting; null while there is none. */
  loaded: { fromMs: number; untilMs: number } | null;
  /** How many events are held, and how many bytes of JSON they were at most. */
  held: { events: number; bytes: number };
  speed: Speed;
  skipInactivity: boolean;
  /** A pause of the visitor's is being passed at higher speed. */
  skipping: boolean;
  /** What the visitor does now arrives here. */
  live: boolean;
  /** The replay follows the visitor, and is so far behind; null while it does not. */
  behindMs: number | null;
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

/** What part of the recording is held; times are ms since the epoch. */
export interface Part {
  from: number;
  /** Of this ms there may be more to come. */
  until: number;
  /** There is nothing behind it. */
  complete: boolean;
  bytes: number;
}

type ReplayerLike = Pick<
  Replayer,
  "play" | "pause" | "destroy" | "addEvent" | "setConfig" | "getCurrentTime" | "on"
> & {
  service: Pick<Replayer["service"], "send"> & { state: { context: { events: eventWithTime[] } } };
  wrapper: HTMLElement;
  iframe: HTMLIFrameElement;
  virtualDom: Pick<Replayer["virtualDom"], "scrollData">;
};
export type MakeReplayer = (events: eventWithTime[], root: HTMLElement) => ReplayerLike;

const makeReplayer: MakeReplayer = (events, root) =>
  new HeldReplayer(events, {
    root,
    // A recorded focus() would take the keyboard away from the controls.
    triggerFocus: false,
    showWarning: false,
    // The last event that it holds is not the recording's last: where the end is we say ourselves.
    liveMode: true,
    mouseTail: { duration: 400, lineCap: "round", lineWidth: 2, strokeStyle: "#7c6cf5" },
  });

export class Playback {
  private current: PlaybackState;
  private readonly listeners = new Set<() => void>();
  private readonly run = new TamedRun();
  private part: Part | null = null;
  private root: HTMLElement | null = null;
  private replayer: ReplayerLike | null = null;
  private frame: number | null = null;
  /** From where the player was started last, ms since the epoch. */
  private startedAt = 0;
  private playerSpeed = 1;
  /** The player has been started, and stands still at the end of what is loaded. */
  private stalled = false;
  private skipTo: number | null = null;
  private clock: LiveClock | null = null;

  constructor(
    private readonly opening: Opening,
    private readonly make: MakeReplayer = makeReplayer,
    private readonly now: () => number = Date.now,
  ) {
    this.current = {
      phase: "empty",
      positionMs: 0,
      totalMs: 0,
      startAt: 0,
      waiting: false,
      loaded: null,
      held: { events: 0, bytes: 0 },
      speed: 1,
      skipInactivity: false,
      skipping: false,
      live: false,
      behindMs: null,
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
    this.show();
    return () => {
      this.tearDown();
      this.root = null;
    };
  }

  /** Says from when to when the window can be played, ms since the epoch; again when it has grown. */
  setSpan(startAt: number, endAt: number): void {
    const { startAt: before, positionMs } = this.current;
    const totalMs = Math.max(0, Math.floor(endAt) - startAt);
    if (before === 0) {
      const { at } = this.opening;
      this.change({
        startAt,
        totalMs,
        positionMs: at === null ? 0 : clamp(Math.round(at - startAt), totalMs),
      });
    } else if (before !== startAt) {
      // A late batch brought an earlier beginning: the moment on screen stays, and has another position.
      this.tearDown();
      this.change({ startAt, totalMs, positionMs: clamp(before + positionMs - startAt, totalMs) });
      this.tellPart();
      this.show();
    } else if (totalMs > this.current.totalMs) {
      this.change({ totalMs });
    }
  }

  /** Takes another part of the recording, in playing order, in the place of what was held. */
  replace(events: readonly eventWithTime[], part: Part): void {
    if (this.current.phase === "playing") this.stand();
    this.run.replace(events);
    this.part = part;
    this.hand();
    this.change({ waiting: true });
    this.tellPart();
    this.show();
  }

  /** Takes what follows the part that is held, or what belongs into it and came late. */
  append(events: readonly eventWithTime[], part: Part): void {
    const { startAt, positionMs, phase, waiting } = this.current;
    const running = phase === "playing" && (!waiting || this.stalled);
    const drawnUntil = running ? this.startedAt : startAt + positionMs + 1;
    const isPast = events.some(({ timestamp }) => timestamp < drawnUntil);
    const added = this.run.add(events);
    this.part = part;
    this.tellPart();
    if (running && !isPast) {
      for (const event of added) this.replayer?.addEvent(event);
    } else {
      this.hand();
      if (isPast && (!waiting || this.stalled)) {
        // The player would apply it on top of what came after it: it is drawn anew.
        this.stalled = false;
        this.change({ waiting: true });
      }
    }
    const goesOn = phase === "finished" && positionMs < this.current.totalMs;
    if (goesOn) this.change({ phase: "playing" });
    if (goesOn && !this.current.waiting) this.carryOn(positionMs);
    else this.show();
  }

  /** Lets go of what lies before the full snapshot of `keepAt`; gives how many events that were. */
  letGo(keepAt: number): number {
    const found = this.run.events.findIndex(
      ({ type, timestamp }) => type === EventType.Meta && timestamp >= keepAt,
    );
    const count = Math.max(0, found);
    this.run.drop(count);
    this.replayer?.service.state.context.events.splice(1, count);
    return count;
  }

  /** Says what part is held after some of it was let go. */
  setPart(part: Part): void {
    this.part = part;
    this.tellPart();
  }

  play(): void {
    const { phase, positionMs, totalMs, waiting } = this.current;
    if (phase === "empty" || phase === "playing") return;
    if (positionMs >= totalMs) {
      this.change({ phase: "playing" });
      this.seek(0);
    } else if (waiting) this.change({ phase: "playing" });
    else this.carryOn(positionMs);
  }

  pause(): void {
    if (this.current.phase !== "playing") return;
    this.unfollow();
    this.stand();
    this.change({ phase: "paused" });
  }

  toggle(): void {
    if (this.current.phase === "playing") this.pause();
    else this.play();
  }

  /** Shows the recording as it was at `ms` after its start; keeps playing if it was. */
  seek(ms: number): void {
    const { phase, totalMs } = this.current;
    if (phase === "empty") return;
    this.unfollow();
    const positionMs = clamp(Math.round(ms), totalMs);
    const next = phase === "playing" ? "playing" : "paused";
    if (this.covers(positionMs)) {
      this.jump(positionMs, next);
      return;
    }
    this.stand();
    this.change({ phase: next, positionMs, waiting: true });
  }

  setSpeed(speed: Speed): void {
    if (speed !== 1) this.unfollow();
    this.change({ speed });
    this.applySpeed();
  }

  setSkipInactivity(skipInactivity: boolean): void {
    this.change({ skipInactivity });
    if (!skipInactivity) this.endSkip();
  }

  /** Says that what the visitor does now is appended here, and how far behind them it can be shown; null, that it is
   *  not, or no more. */
  setLive(clock: LiveClock | null): void {
    this.clock = clock;
    if (clock === null) this.unfollow();
    if (this.current.live !== (clock !== null)) this.change({ live: clock !== null });
  }

  /** Follows the visitor: shows what they do now, as soon as it can be shown. */
  goLive(): void {
    const { clock } = this;
    if (clock === null || this.run.events.length === 0) return;
    this.endSkip();
    this.setSpeed(1);
    const { startAt, totalMs } = this.current;
    const positionMs = Math.max(0, liveTarget(this.now(), clock) - startAt);
    this.change({
      phase: "playing",
      positionMs,
      totalMs: Math.max(totalMs, positionMs),
      waiting: true,
      behindMs: clock.delayMs,
    });
    this.stalled = false;
    this.show();
  }

  /** Draws the position if it can be drawn and is not yet. */
  private show(): void {
    const { phase, positionMs, waiting } = this.current;
    if (this.run.events.length === 0) return;
    if (!this.covers(positionMs) && !this.mayBegin()) return;
    if (phase === "empty") this.change({ phase: this.opening.playing ? "playing" : "paused" });
    if (this.root === null) return;
    if (this.replayer === null) this.build(this.root);
    else if (!waiting) return;
    else if (this.stalled) this.release();
    else this.jump(positionMs, this.current.phase === "playing" ? "playing" : "paused");
  }

  private build(root: HTMLElement): void {
    const { positionMs, phase } = this.current;
    this.draw(() => {
      const replayer = this.make([this.anchor(), ...this.run.events], root);
      this.replayer = replayer;
      this.playerSpeed = 1;
      // rrweb sorts what it is given; the first one is to be ours even where a beginning came late.
      this.hand();
      replayer.iframe.title = "The recorded page";
      replayer.on("resize", (size) => {
        const { width, height } = size as { width: number; height: number };
        this.change({ viewport: { width, height } });
      });
    });
    this.applySpeed();
    this.jump(positionMs, phase === "playing" ? "playing" : "paused");
  }

  private tearDown(): void {
    this.stopTicking();
    const { replayer } = this;
    this.replayer = null;
    this.stalled = false;
    replayer?.destroy();
  }

  /** Gives the player all that is held, in the place of what it had. */
  private hand(): void {
    const { replayer } = this;
    if (replayer === null) return;
    const { events } = this.run;
    const given = replayer.service.state.context.events;
    given.length = 0;
    given.push(this.anchor());
    for (const event of events) given.push(event);
    // As rrweb's own addEvent does.
    if (events.some(isTouch))
      replayer.wrapper.querySelector(".replayer-mouse")?.classList.add("touch-device");
  }

  private anchor(): eventWithTime {
    return {
      type: EventType.Custom,
      data: { tag: "start", payload: null },
      timestamp: this.current.startAt,
    };
  }

  /** Draws the recording anew from the last snapshot before `positionMs`. */
  private jump(positionMs: number, phase: "playing" | "paused"): void {
    this.stopTicking();
    this.endSkip();
    this.stalled = false;
    this.change({ phase, positionMs, waiting: false });
    const { replayer } = this;
    if (replayer === null) return;
    this.applySpeed();
    this.startedAt = this.current.startAt + positionMs + 1;
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
    this.applySpeed();
    this.startedAt = this.current.startAt + positionMs + 1;
    this.draw(() => {
      this.tell(replayer, positionMs);
      replayer.play(positionMs + 1);
    });
    this.frame = requestAnimationFrame(this.tick);
  }

  /** Stops where it is. */
  private stand(): void {
    this.stopTicking();
    this.endSkip();
    const { replayer } = this;
    const { phase, waiting } = this.current;
    if (replayer === null || phase !== "playing" || (waiting && !this.stalled)) return;
    const positionMs = this.stalled ? this.current.positionMs : this.playedMs(replayer);
    this.stalled = false;
    this.draw(() => {
      replayer.pause();
    });
    this.change({ positionMs });
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

  private readonly tick = (): void => {
    const { replayer, part } = this;
    this.frame = null;
    if (replayer === null || part === null) return;
    const { startAt, totalMs, behindMs } = this.current;
    const time = replayer.getCurrentTime();
    const untilMs = part.until - startAt;
    if (behindMs !== null && this.clock !== null) {
      this.keepUp(this.clock, time);
    } else if (!part.complete && time >= untilMs) {
      // Its clock stands until there is more; so it goes on without having to draw anything anew.
      this.endSkip();
      this.stalled = true;
      this.applySpeed();
      this.change({ positionMs: clamp(untilMs, totalMs), waiting: true });
      return;
    } else if (part.complete && time >= totalMs + 1) {
      this.atEnd(replayer);
      return;
    } else {
      this.change({ positionMs: this.playedMs(replayer) });
      this.skip(startAt + time, part.complete ? startAt + totalMs : part.until);
    }
    this.frame ??= requestAnimationFrame(this.tick);
  };

  private release(): void {
    this.stalled = false;
    this.change({ waiting: false });
    this.applySpeed();
    this.frame ??= requestAnimationFrame(this.tick);
  }

  private atEnd(replayer: ReplayerLike): void {
    if (this.clock !== null) {
      this.goLive();
      return;
    }
    this.endSkip();
    this.draw(() => {
      replayer.pause();
    });
    this.change({ phase: "finished", positionMs: this.current.totalMs });
  }

  private keepUp(clock: LiveClock, time: number): void {
    const { startAt, totalMs } = this.current;
    const target = liveTarget(this.now(), clock);
    const shownAt = startAt + time;
    const speed = liveSpeed(shownAt, target);
    if (speed === "jump") {
      this.goLive();
      return;
    }
    this.setPlayerSpeed(speed);
    const positionMs = Math.max(0, Math.floor(time));
    this.change({
      positionMs,
      totalMs: Math.max(totalMs, positionMs),
      behindMs: Math.max(0, Math.round(target + clock.delayMs - shownAt)),
    });
  }

  private unfollow(): void {
    if (this.current.behindMs === null) return;
    this.change({ behindMs: null });
    this.applySpeed();
  }

  private skip(at: number, knownUntil: number): void {
    if (this.skipTo !== null && at >= this.skipTo) this.endSkip();
    if (!this.current.skipInactivity) return;
    this.skipTo ??= pauseEnd(this.run.events, at, knownUntil);
    if (this.skipTo === null) return;
    if (!this.current.skipping) this.change({ skipping: true });
    this.setPlayerSpeed(passingSpeed(this.skipTo - at, this.current.speed));
  }

  private endSkip(): void {
    this.skipTo = null;
    if (!this.current.skipping) return;
    this.change({ skipping: false });
    this.applySpeed();
  }

  private applySpeed(): void {
    this.setPlayerSpeed(this.stalled ? 0 : this.current.speed);
  }

  private setPlayerSpeed(speed: number): void {
    if (this.replayer === null || speed === this.playerSpeed) return;
    this.playerSpeed = speed;
    this.replayer.setConfig({ speed });
  }

  private playedMs(replayer: ReplayerLike): number {
    return clamp(Math.floor(replayer.getCurrentTime()), this.current.totalMs);
  }

  private covers(positionMs: number): boolean {
    const { part } = this;
    const at = this.current.startAt + positionMs;
    return part !== null && part.from <= at && (part.complete || at < part.until);
  }

  /**
   * Whether the last moment that is held is the one to play from, with nothing drawn yet. A page may end with its first full snapshot; who
   * wants it played sees that before it is known whether more of its ms comes, and if so it is drawn anew.
   */
  private mayBegin(): boolean {
    const { part } = this;
    const { phase, startAt, positionMs } = this.current;
    const plays = phase === "playing" || (phase === "empty" && this.opening.playing);
    return this.replayer === null && plays && part?.until === startAt + positionMs;
  }

  private tellPart(): void {
    const { part } = this;
    if (part === null) return;
    const { startAt, totalMs } = this.current;
    const untilMs = Math.max(0, part.until - startAt);
    this.change({
      loaded: { fromMs: Math.max(0, part.from - startAt), untilMs: part.complete ? totalMs : untilMs },
      held: { events: this.run.events.length, bytes: part.bytes },
      // The end of the window as it was told may be older than what has arrived.
      totalMs: Math.max(totalMs, untilMs),
    });
  }

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

  private change(change: Partial<PlaybackState>): void {
    this.current = { ...this.current, ...change };
    for (const listener of this.listeners) listener();
  }
}

function clamp(ms: number, totalMs: number): number {
  return Math.min(Math.max(0, ms), totalMs);
}

function isTouch(event: eventWithTime): boolean {
  return (
    event.type === EventType.IncrementalSnapshot &&
    (event.data.source === IncrementalSource.TouchMove ||
      (event.data.source === IncrementalSource.MouseInteraction &&
        event.data.type === MouseInteractions.TouchStart))
  );
}
