// Which part of a recording to load next, and what of it to let go. Pure; times are ms since the epoch on the
// visitor's clock, sizes bytes of JSON.
//
// What is held is one unbroken run of pages that begins at a full snapshot: only there can a player begin
// (docs/adr/0094-a-replay-holds-a-part.md).
import { EventType, type eventWithTime } from "@rrweb/types";

const MIB = 1024 * 1024;

/** The page that the first frame waits for. */
export const FIRST_PAGE_BYTES = MIB / 4;
/** A page that is loaded ahead, or on the way to a moment that is sought. */
export const PAGE_BYTES = 2 * MIB;
/** Nothing more is loaded while so much lies ahead of the playhead. */
export const AHEAD_BYTES = 8 * MIB;
/** So much stays behind it, so that a look back is instant. */
export const BEHIND_BYTES = 8 * MIB;

/** A page of the run, without its events. */
export interface HeldPage {
  bytes: number;
  /** Events that can be drawn; the player holds them. */
  events: number;
  /** Of the first and the last of them; null without any. */
  span: { firstAt: number; lastAt: number } | null;
  /** When its full snapshots were taken, in order. */
  snapshots: readonly number[];
}

/** A run of pages in playing order. */
export interface Held {
  /** The moment that it was begun for. */
  askedAt: number;
  /** Moments from here on are in this run or on the pages behind it. */
  from: number;
  pages: readonly HeldPage[];
  /** Its last page is the window's last. */
  complete: boolean;
}

export const NOTHING_HELD: Held = { askedAt: NaN, from: Infinity, pages: [], complete: false };

export type Step = { do: "begin"; at: number } | { do: "goOn"; limitBytes: number } | { do: "wait" };

/** A page as it is held, of its events in playing order. */
export function pageOf(events: readonly eventWithTime[], bytes: number): HeldPage {
  const [first] = events;
  const last = events.at(-1);
  return {
    bytes,
    events: events.length,
    span:
      first === undefined || last === undefined ? null : { firstAt: first.timestamp, lastAt: last.timestamp },
    snapshots: events.filter(({ type }) => type === EventType.Meta).map(({ timestamp }) => timestamp),
  };
}

/** The moment up to which all is held; of its own ms there may be more on the next page. */
export function heldUntil({ pages }: Held): number | null {
  const last = pages.findLast(({ span }) => span !== null)?.span?.lastAt;
  return last === undefined ? null : Math.floor(last);
}

/** Whether the moment can be drawn from what is held. */
export function covers(held: Held, at: number): boolean {
  const until = heldUntil(held);
  return until !== null && held.from <= at && (held.complete || at < until);
}

/**
 * What to load while the playhead is, or is wanted, at `at`.
 *
 * @param snapshots when the window's full snapshots were taken, as far as is known
 * @param mayBeMore the list is not all of them
 */
export function nextStep(held: Held, at: number, snapshots: readonly number[], mayBeMore: boolean): Step {
  const until = heldUntil(held);
  if (at < held.from) return { do: "begin", at };
  if (held.complete) return { do: "wait" };
  if (until !== null && at >= until) {
    const nearer =
      snapshots.some((snapshot) => until < snapshot && snapshot <= at) ||
      (mayBeMore && at > Math.max(until, snapshots.at(-1) ?? 0));
    // Where the window's list knows of a snapshot that the storage does not give, asking again gives no other.
    return nearer && at !== held.askedAt ? { do: "begin", at } : { do: "goOn", limitBytes: PAGE_BYTES };
  }
  if (bytesAfter(held, at) >= AHEAD_BYTES) return { do: "wait" };
  return { do: "goOn", limitBytes: PAGE_BYTES };
}

/**
 * The full snapshot before which all can be let go; null where nothing can. It is never behind the playhead's own
 * snapshot, and what lies between it and the playhead is more than BEHIND_BYTES only where one snapshot's part is.
 */
export function keepFrom({ pages }: Held, at: number): number | null {
  let own = -1;
  for (const [index, { snapshots }] of pages.entries()) {
    if (snapshots.some((snapshot) => Math.floor(snapshot) <= at)) own = index;
  }
  if (own === -1) return null;
  const playhead = pages.findLastIndex(({ span }) => span !== null && span.firstAt <= at);
  let bytes = 0;
  let keep: number | null = null;
  for (let index = Math.max(playhead, own); index >= 0; index -= 1) {
    const page = pages[index];
    if (page === undefined) break;
    bytes += page.bytes;
    const [first] = page.snapshots.filter((snapshot) => Math.floor(snapshot) <= at);
    if (bytes > BEHIND_BYTES && keep !== null) break;
    if (first !== undefined) keep = first;
  }
  return keep === pages.flatMap(({ snapshots }) => snapshots)[0] ? null : keep;
}

/** The run without its first events, so that it begins at `keepAt`. A page counts whole while any of it is held. */
export function letGo(held: Held, keepAt: number, dropped: number): Held {
  let left = dropped;
  const kept: HeldPage[] = [];
  for (const page of held.pages) {
    const gone = Math.min(left, page.events);
    left -= gone;
    const events = page.events - gone;
    if (kept.length === 0 && events === 0) continue;
    kept.push(
      gone === 0
        ? page
        : {
            ...page,
            events,
            span: page.span === null ? null : { firstAt: keepAt, lastAt: page.span.lastAt },
            snapshots: page.snapshots.filter((snapshot) => snapshot >= keepAt),
          },
    );
  }
  return { ...held, from: Math.floor(keepAt), pages: kept };
}

export function heldBytes({ pages }: Held): number {
  return pages.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** How much of the run lies ahead of the moment, in whole pages. */
export function bytesAfter({ pages }: Held, at: number): number {
  return pages
    .filter(({ span }) => span !== null && span.firstAt > at)
    .reduce((sum, { bytes }) => sum + bytes, 0);
}
