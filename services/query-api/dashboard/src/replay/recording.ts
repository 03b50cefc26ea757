// Loads the part of one window's recording that the playhead needs, a page at a time, and lets go of the rest.
// Knows no React and no HTTP: pages come from the function it is given, events go to the player. What to do next is
// decided in held.ts, each time that the playhead moves or a page arrives.
import type { eventWithTime } from "@rrweb/types";
import { asProblem, type Problem } from "../api/problem";
import {
  AHEAD_BYTES,
  bytesAfter,
  covers,
  FIRST_PAGE_BYTES,
  type Held,
  heldBytes,
  heldUntil,
  keepFrom,
  letGo,
  nextStep,
  NOTHING_HELD,
  PAGE_BYTES,
  pageOf,
} from "./held";
import type { Part } from "./playback";
import { extendsBy, PlayOrder } from "./playOrder";

/** Where a page begins: at the full snapshot before a moment, or at the window's first event; or, with a cursor, behind
 *  another page of the run that began there. */
export interface PageStart {
  at: number | null;
  cursor: string | null;
}

export interface LoadedPage {
  events: eventWithTime[];
  /** Of its JSON. */
  bytes: number;
  nextCursor: string | null;
}

export type LoadPage = (start: PageStart, limitBytes: number, signal: AbortSignal) => Promise<LoadedPage>;

/** Who is given the events; the playback. */
export interface Player {
  replace(events: readonly eventWithTime[], part: Part): void;
  append(events: readonly eventWithTime[], part: Part): void;
  /** Gives how many events it let go of. */
  letGo(keepAt: number): number;
  setPart(part: Part): void;
}

/** What is known of the window, from the session. */
export interface WindowFacts {
  /** Where position 0 is, ms since the epoch. */
  startAt: number;
  /** It plays from its first event; otherwise what comes before `startAt` is not asked for. */
  whole: boolean;
  snapshots: readonly number[];
  /** The list is not all of them. */
  moreSnapshots: boolean;
  events: number;
}

export interface RecordingState {
  problem: Problem | null;
  /** All of it is read, and nothing of it can be drawn. */
  blank: boolean;
  undrawable: number;
}

export class Recording {
  private current: RecordingState = { problem: null, blank: false, undrawable: 0 };
  private readonly listeners = new Set<() => void>();
  private facts: WindowFacts | null = null;
  private playheadAt = NaN;
  private held: Held = NOTHING_HELD;
  private order = new PlayOrder();
  /** The page behind the run; null at the end of the window, and in a live run. */
  private next: PageStart | null = null;
  /** The last page that was read, and how many events the window had then. */
  private last: { start: PageStart; limitBytes: number; read: eventWithTime[]; known: number } | null = null;
  private busy: { controller: AbortController; begins: boolean } | null = null;
  private live: "no" | "coming" | "joined" = "no";

  constructor(
    private readonly load: LoadPage,
    private readonly player: Player,
    /** What follows the visitor is to end: the playhead has left it, or too much lies unseen. */
    private readonly leaveLive: () => void = () => undefined,
  ) {}

  readonly state = (): RecordingState => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  /** Takes what the session says of the window; again when it has changed. */
  describe(facts: WindowFacts): void {
    this.facts = facts;
    this.step();
  }

  /** The playhead is here, or wants to be; ms since the epoch. */
  follow(at: number): void {
    if (at === this.playheadAt) return;
    this.playheadAt = at;
    this.step();
  }

  retry(): void {
    this.change({ problem: null });
    this.step();
  }

  /** Ends what is under way; `follow` or `describe` take it up again. */
  close(): void {
    this.busy?.controller.abort();
    this.busy = null;
  }

  /** From now on events are taken from those who tell what the visitor does; nothing is loaded. */
  beginLive(): void {
    this.close();
    this.live = "coming";
    this.start(Infinity);
  }

  /** They say no more: the visitor has left and all is told, or else what comes is loaded again. */
  endLive(allIsTold: boolean): void {
    if (this.live === "no") return;
    this.live = "no";
    if (!allIsTold) this.held = NOTHING_HELD;
    this.step();
  }

  /** Gives whether the player has something to draw now. */
  takeLive(events: readonly eventWithTime[], bytes: number): boolean {
    if (this.live === "no") return false;
    this.take([...this.order.take(events), ...this.order.rest()], bytes, true);
    return heldUntil(this.held) !== null;
  }

  private start(askedAt: number): void {
    this.held = { ...NOTHING_HELD, askedAt };
    this.order = new PlayOrder();
    this.next = null;
    this.last = null;
  }

  /** Does what is to be done next, and nothing where something is under way that it has to wait for. */
  private step(): void {
    const { facts, held, playheadAt: at } = this;
    if (facts === null || Number.isNaN(at)) return;
    if (this.live !== "no") {
      if (covers(held, at)) this.live = "joined";
      const unseen = bytesAfter(held, at) >= AHEAD_BYTES;
      if (this.live === "coming" || (at >= held.from && !unseen)) {
        this.dropPast();
        return;
      }
      this.live = "no";
      this.held = NOTHING_HELD;
      this.leaveLive();
    }
    this.dropPast();
    if (this.current.problem !== null) return;
    const step = nextStep(this.held, at, facts.snapshots, facts.moreSnapshots);
    if (step.do === "begin") {
      // One at a time, also while the scrubber is dragged: its page is small, and then the newest wish counts.
      if (this.busy?.begins === true) return;
      this.close();
      const start = facts.whole && at <= facts.startAt ? null : at;
      void this.read({ at: start, cursor: null }, FIRST_PAGE_BYTES, at);
    } else if (this.busy !== null) {
      return;
    } else if (step.do === "goOn" && this.next !== null) {
      void this.read(this.next, step.limitBytes, null);
    } else if (this.held.complete && this.last !== null && this.last.known < facts.events) {
      void this.readEndAgain(this.last);
    }
  }

  /** Reads a page; `begin` is the moment that a new run begins for, null where the page goes on with the run. */
  private async read(start: PageStart, limitBytes: number, begin: number | null): Promise<void> {
    const known = this.facts?.events ?? 0;
    const page = await this.ask(start, limitBytes, begin !== null);
    if (page === null) return;
    if (begin !== null) this.start(begin);
    this.next = behind(start, page);
    this.last = { start, limitBytes, read: page.events, known };
    const drawable = this.order.take(page.events);
    if (page.nextCursor === null) drawable.push(...this.order.rest());
    this.take(drawable, page.bytes, page.nextCursor === null);
    this.step();
  }

  /** The window has grown: its last page says by what. Where that lies before its end, the run is begun anew. */
  private async readEndAgain(last: NonNullable<typeof this.last>): Promise<void> {
    const known = this.facts?.events ?? 0;
    const limitBytes = Math.max(last.limitBytes, PAGE_BYTES);
    const page = await this.ask(last.start, limitBytes, false);
    if (page === null) return;
    if (extendsBy(last.read, page.events)) {
      const added = page.events.slice(last.read.length);
      this.next = behind(last.start, page);
      this.last = { ...last, limitBytes, read: page.events, known };
      const drawable = [...this.order.take(added), ...(page.nextCursor === null ? this.order.rest() : [])];
      this.take(drawable, addedBytes(page, added.length), page.nextCursor === null);
    } else {
      this.held = NOTHING_HELD;
    }
    this.step();
  }

  private async ask(start: PageStart, limitBytes: number, begins: boolean): Promise<LoadedPage | null> {
    const controller = new AbortController();
    this.busy = { controller, begins };
    try {
      const page = await this.load(start, limitBytes, controller.signal);
      if (this.busy.controller !== controller) return null;
      this.busy = null;
      return page;
    } catch (error) {
      if (this.busy?.controller !== controller) return null;
      this.busy = null;
      this.change({ problem: asProblem(error) });
      return null;
    }
  }

  /** Adds a page to the run, and hands its events on. */
  private take(events: eventWithTime[], bytes: number, complete: boolean): void {
    const { held } = this;
    const isFirst = heldUntil(held) === null;
    const page = pageOf(events, bytes);
    const from = Math.min(held.from, page.span === null ? Infinity : Math.floor(page.span.firstAt));
    this.held = {
      ...held,
      from: Math.min(from, Number.isFinite(held.askedAt) ? held.askedAt : Infinity),
      pages: bytes === 0 ? held.pages : [...held.pages, page],
      complete,
    };
    const part = this.part();
    if (part !== null) {
      if (isFirst) this.player.replace(events, part);
      else this.player.append(events, part);
    }
    this.dropPast();
    const { undrawable } = this.order;
    this.change({ blank: complete && this.live === "no" && part === null, undrawable });
  }

  private dropPast(): void {
    if (!covers(this.held, this.playheadAt)) return;
    const keepAt = keepFrom(this.held, this.playheadAt);
    if (keepAt === null) return;
    this.held = letGo(this.held, keepAt, this.player.letGo(keepAt));
    const part = this.part();
    if (part !== null) this.player.setPart(part);
  }

  private part(): Part | null {
    const until = heldUntil(this.held);
    if (until === null) return null;
    return { from: this.held.from, until, complete: this.held.complete, bytes: heldBytes(this.held) };
  }

  private change(change: Partial<RecordingState>): void {
    const next = { ...this.current, ...change };
    const same =
      next.problem === this.current.problem &&
      next.blank === this.current.blank &&
      next.undrawable === this.current.undrawable;
    if (same) return;
    this.current = next;
    for (const listener of this.listeners) listener();
  }
}

function behind(start: PageStart, { nextCursor }: LoadedPage): PageStart | null {
  return nextCursor === null ? null : { ...start, cursor: nextCursor };
}

/** The share of a page's bytes that its last events have, as if all were equally long. */
function addedBytes(page: LoadedPage, added: number): number {
  return page.events.length === 0 ? 0 : Math.ceil((page.bytes * added) / page.events.length);
}
