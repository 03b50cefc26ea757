// Turns a window's events into what the player is given. Pure; knows rrweb's events and nothing else.
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";

export interface PlayOrder {
  /** Begins with a Meta and its FullSnapshot; empty while the window cannot be played. */
  events: eventWithTime[];
  /** How many events belong to a page whose snapshot is missing, and so cannot be drawn. */
  undrawable: number;
}

/**
 * A Meta and its FullSnapshot are played as one moment, that of the snapshot.
 *
 * rrweb stamps the Meta when it starts to take the snapshot and the FullSnapshot when it is done, up to half
 * a second later, and its player seeks to the last Meta alone. Between the two it would keep whatever it showed
 * before: after a jump back, a page from the future. So the Meta moves to its snapshot, and what was recorded in
 * between (it belongs to the new page's node ids) is played right after it. Style sheets adopted just before a Meta
 * belong to its page too.
 *
 * What comes before the first snapshot, or after a Meta whose snapshot never came, has no page to change.
 */
export function playOrder(recorded: readonly eventWithTime[]): PlayOrder {
  const events: eventWithTime[] = [];
  let undrawable = 0;
  let adopted: eventWithTime[] = [];
  let opening: { meta: eventWithTime; meanwhile: eventWithTime[] } | null = null;

  for (const event of recorded) {
    if (event.type === EventType.Meta) {
      undrawable += opening?.meanwhile.length ?? 0;
      opening = { meta: event, meanwhile: adopted };
      adopted = [];
      continue;
    }
    if (opening !== null) {
      if (event.type === EventType.FullSnapshot) {
        const { timestamp } = event;
        const { meta, meanwhile } = opening;
        events.push({ ...meta, timestamp }, event);
        for (const late of meanwhile) events.push({ ...late, timestamp });
        opening = null;
      } else if (isDrawn(event)) {
        opening.meanwhile.push(event);
      }
      continue;
    }
    if (isAdoptedStyleSheet(event)) {
      adopted.push(event);
      continue;
    }
    const drawable = events.length > 0;
    if (drawable) events.push(...adopted, event);
    else undrawable += adopted.length + (isDrawn(event) ? 1 : 0);
    adopted = [];
  }
  if (events.length > 0 && opening === null) events.push(...adopted);
  return { events, undrawable };
}

/** Whether the longer list only adds events at the end of the shorter one. */
export function extendsBy(before: readonly eventWithTime[], after: readonly eventWithTime[]): boolean {
  if (before.length > after.length) return false;
  return before.every((event, index) => sameEvent(event, after[index]));
}

export interface Comparison {
  /** Fetched, and not known before. */
  added: eventWithTime[];
  /** Known before, and not fetched: they must be on the pages that follow. */
  left: eventWithTime[];
}

/** What a page brings that was read before, when it is read again. Equal events count as often as they occur. */
export function compare(known: readonly eventWithTime[], fetched: readonly eventWithTime[]): Comparison {
  const waiting = new Map<string, eventWithTime[]>();
  for (const event of known) {
    const key = identity(event);
    const same = waiting.get(key);
    if (same === undefined) waiting.set(key, [event]);
    else same.push(event);
  }
  const added = fetched.filter((event) => waiting.get(identity(event))?.shift() === undefined);
  return { added, left: [...waiting.values()].flat() };
}

/** Whether no event is earlier than the one before it, as the query API gives them. */
export function inOrder(events: readonly eventWithTime[]): boolean {
  return events.every(
    (event, index) => index === 0 || (events[index - 1]?.timestamp ?? 0) <= event.timestamp,
  );
}

// The player adds a `delay` to the events that it is given, so only what was recorded is compared.
function identity(event: eventWithTime): string {
  return JSON.stringify([event.timestamp, event.type, event.data]);
}

function sameEvent(one: eventWithTime, other: eventWithTime | undefined): boolean {
  return one.timestamp === other?.timestamp && one.type === other.type && one.data === other.data;
}

function isAdoptedStyleSheet(event: eventWithTime): boolean {
  return (
    event.type === EventType.IncrementalSnapshot && event.data.source === IncrementalSource.AdoptedStyleSheet
  );
}

function isDrawn(event: eventWithTime): boolean {
  return event.type === EventType.IncrementalSnapshot || event.type === EventType.FullSnapshot;
}
