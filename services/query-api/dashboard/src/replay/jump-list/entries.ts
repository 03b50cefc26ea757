// The entries of the jump list: what happened in all windows of a session, in order of time. Pure.
import type { SessionDetail, TimelineItem } from "../../api/types";
import { pageName } from "../../format/page";
import { type Group, type Kind, KINDS } from "../timeline/kinds";
import { shownAt } from "../timeline/moment";
import { inTimeOrder } from "../whyNotPlayable";

export interface Entry {
  key: string;
  kind: Kind;
  group: Group;
  name: string;
  /** What there is to say of it beside its name; may be empty. */
  text: string;
  window: string;
  /** "Window 2"; null in a session of one window. */
  windowName: string | null;
  /** Where a jump leads, ms since the epoch. */
  at: number;
  /** The same as a place on the timeline of its window, in ms. */
  positionMs: number;
}

/** What is listed. Typing is on the timeline only: it is most of what happens, and seldom what is looked for. */
export const LISTED: readonly Group[] = ["page", "click", "error", "custom", "friction"];

export function entriesOf(session: SessionDetail, items: readonly TimelineItem[]): Entry[] {
  const ordered = inTimeOrder(session.windows);
  const windows = new Map(ordered.map((window, index) => [window.window_id, { window, index }]));
  const entries: Entry[] = [];
  for (const [index, item] of items.entries()) {
    const facts = KINDS[item.kind];
    const known = windows.get(item.window_id);
    // A window that never became playable has no moment to jump to.
    if (facts === undefined || !LISTED.includes(facts.group) || known === undefined) continue;
    const { window } = known;
    if (window.playable_at === null) continue;
    const at = shownAt(item, window);
    entries.push({
      key: `${item.kind} ${item.at} ${index}`,
      kind: item.kind,
      group: facts.group,
      name: item.kind === "custom" ? (item.name ?? facts.name) : facts.name,
      text: textOf(item),
      window: item.window_id,
      windowName: ordered.length > 1 ? `Window ${known.index + 1}` : null,
      at,
      positionMs: at - window.playable_at,
    });
  }
  return entries.sort((one, other) => one.at - other.at);
}

function textOf(item: TimelineItem): string {
  if (item.kind === "page_view" || item.kind === "quick_back") return pageName(item.text ?? "").path;
  if (item.kind === "custom" && item.text === "null") return "";
  if (item.text !== null) return item.text;
  return item.x !== null && item.y !== null ? `at ${Math.round(item.x)}, ${Math.round(item.y)}` : "";
}

export function chosenFrom(entries: readonly Entry[], groups: ReadonlySet<Group>, words: string): Entry[] {
  const wanted = words.trim().toLowerCase();
  return entries.filter(
    (entry) =>
      (groups.size === 0 || groups.has(entry.group)) &&
      (wanted === "" || `${entry.name} ${entry.text}`.toLowerCase().includes(wanted)),
  );
}

/** The last entry that is not after this moment; -1 before the first. */
export function currentAt(entries: readonly Pick<Entry, "at">[], at: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entry = entries[middle];
    if (entry !== undefined && entry.at <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function countsOf(entries: readonly Entry[]): Map<Group, number> {
  const counts = new Map<Group, number>();
  for (const { group } of entries) counts.set(group, (counts.get(group) ?? 0) + 1);
  return counts;
}
