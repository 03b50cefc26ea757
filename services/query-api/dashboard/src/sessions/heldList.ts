// Keeps a list still under the reader: what is newer than the row that was on top waits until it is asked for. Pure.
import type { Session } from "../api/types";

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

function isNewer(one: Held, other: Held): boolean {
  return one.started_at === other.started_at
    ? one.session_id > other.session_id
    : one.started_at > other.started_at;
}
