// Keeps a list still under the reader: what is newer than the row that was on top waits until it is asked for. Pure.
import type { Session, SessionPage } from "../api/types";

/** Where the list was held: the place of its top row in the order "newest started first". */
export type Held = Pick<Session, "session_id" | "started_at">;

export interface Split {
  shown: Session[];
  /** How many sessions wait above. */
  waiting: number;
}

export function splitAt(held: Held | null, sessions: Session[]): Split {
  if (held === null) return { shown: sessions, waiting: 0 };
  const shown = sessions.filter((session) => !isNewer(session, held));
  return { shown, waiting: sessions.length - shown.length };
}

/** How many of the sessions are newer than `top`; null stands for a list that was empty. */
export function newerThan(top: Held | null, sessions: readonly Session[]): number {
  return top === null ? sessions.length : sessions.filter((session) => isNewer(session, top)).length;
}

/** Pages as one list. A session that moved on between two of them is in it once, as the first page has it. */
export function joined(pages: readonly SessionPage[]): Session[] {
  const seen = new Set<string>();
  return pages
    .flatMap((page) => page.sessions)
    .filter(({ session_id }) => seen.size < seen.add(session_id).size);
}

/**
 * The list with its newest page as it is by now: within the reach of that page the page is right, behind it
 * the list. null where more arrived than the page holds: then the list has to be asked for as a whole.
 */
export function withNewest(sessions: Session[], newest: SessionPage): Session[] | null {
  const last = newest.sessions.at(-1);
  if (last === undefined || newest.next_cursor === null) return newest.sessions;
  const older = sessions.filter((session) => isNewer(last, session));
  if (older.length === sessions.length && sessions.length > 0) return null;
  return [...newest.sessions, ...older];
}

function isNewer(one: Held, other: Held): boolean {
  return one.started_at === other.started_at
    ? one.session_id > other.session_id
    : one.started_at > other.started_at;
}
