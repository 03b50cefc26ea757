// Which stretches of a recording nobody does anything in. Pure; times are ms since the epoch.
import { EventType, IncrementalSource, type eventWithTime } from "@rrweb/types";

/** A shorter pause is a person reading. */
export const IDLE_MS = 10_000;
/** So much of the pause is still seen before its end; a mouse move is stamped up to half a second after its start. */
const LEAD_MS = 1_000;
/** What is left of a pause is passed at the speed at which it would take so long: so its end is never overrun. */
const PASSED_IN_MS = 500;
const FASTEST = 360;

const DONE_BY_A_PERSON: readonly IncrementalSource[] = [
  IncrementalSource.MouseMove,
  IncrementalSource.MouseInteraction,
  IncrementalSource.Scroll,
  IncrementalSource.ViewportResize,
  IncrementalSource.Input,
  IncrementalSource.TouchMove,
  IncrementalSource.Drag,
];

/**
 * Where the pause that a moment lies in is left; null where it lies in none.
 *
 * @param events in order of time
 * @param until the end of what is known
 */
export function pauseEnd(events: readonly eventWithTime[], at: number, until: number): number | null {
  let index = firstAfter(events, at);
  while (index < events.length && !isByPerson(events[index])) index += 1;
  const next = events[index]?.timestamp ?? until;
  return next - at > IDLE_MS ? next - LEAD_MS : null;
}

/** How fast a pause is passed of which so much is left. */
export function passingSpeed(leftMs: number, speed: number): number {
  return Math.min(FASTEST, Math.max(speed, Math.round(leftMs / PASSED_IN_MS)));
}

/** The index of the first event that comes after the moment. */
export function firstAfter(events: readonly eventWithTime[], at: number): number {
  let from = 0;
  let to = events.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((events[middle]?.timestamp ?? Infinity) <= at) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isByPerson(event: eventWithTime | undefined): boolean {
  return event?.type === EventType.IncrementalSnapshot && DONE_BY_A_PERSON.includes(event.data.source);
}
