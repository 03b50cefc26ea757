// Which marks stand on the timeline of a window, and where. Pure.
import type { SessionWindow, TimelineItem } from "../../api/types";
import { type Group, type Kind, KINDS } from "./kinds";
import { shownAt } from "./moment";

export interface Marker {
  kind: Kind;
  group: Group;
  name: string;
  /** ms since the epoch, and where that is: 0 at the beginning of the timeline, 1 at its end. */
  at: number;
  part: number;
  /** How many others are so near that they are not drawn. */
  more: number;
}

/** A stretch in which the visitor did nothing. */
export interface Idle {
  from: number;
  to: number;
}

/** The part of the session that the timeline shows. */
export interface Span {
  startAt: number;
  totalMs: number;
}

/**
 * At most `slots` marks: what happened within one slot of the timeline is one mark, that of what weighs most, and
 * exactly where that happened. A thousand clicks would otherwise be a thousand elements on a few hundred pixels.
 */
export function markersOf(
  items: readonly TimelineItem[],
  window: Pick<SessionWindow, "window_id" | "playability">,
  { startAt, totalMs }: Span,
  slots: number,
): Marker[] {
  const inSlots = new Map<number, Marker>();
  if (totalMs <= 0) return [];
  for (const item of items) {
    const facts = KINDS[item.kind];
    if (facts === undefined || item.window_id !== window.window_id) continue;
    const at = shownAt(item, window);
    const part = (at - startAt) / totalMs;
    // What is not loaded yet, or was never recorded, has no place.
    if (part < 0 || part > 1) continue;
    const slot = Math.min(slots - 1, Math.floor(part * slots));
    const there = inSlots.get(slot);
    const marker = { kind: item.kind, group: facts.group, name: facts.name, at, part, more: 0 };
    if (there === undefined) inSlots.set(slot, marker);
    else if ((KINDS[there.kind]?.weight ?? 0) < facts.weight) {
      inSlots.set(slot, { ...marker, more: there.more + 1 });
    } else there.more += 1;
  }
  return [...inSlots.values()].sort((one, other) => one.part - other.part);
}

/** The idle stretches as parts of the timeline; those of all windows, because the visitor is one. */
export function idleOf(items: readonly TimelineItem[], { startAt, totalMs }: Span): Idle[] {
  if (totalMs <= 0) return [];
  const part = (at: number) => Math.min(1, Math.max(0, (at - startAt) / totalMs));
  return items
    .filter(({ kind }) => kind === "idle")
    .map(({ at, until_at }) => ({ from: part(at), to: part(until_at ?? at) }))
    .filter(({ from, to }) => to > from);
}

/** The mark nearest to a place on the timeline, if one is so near. */
export function markerNear(markers: readonly Marker[], part: number, within: number): Marker | null {
  let nearest: Marker | null = null;
  for (const marker of markers) {
    const distance = Math.abs(marker.part - part);
    if (distance <= within && (nearest === null || distance < Math.abs(nearest.part - part)))
      nearest = marker;
  }
  return nearest;
}
