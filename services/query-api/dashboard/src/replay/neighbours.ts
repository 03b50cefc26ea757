// The sessions before and behind the open one in the list. Pure.

export interface Neighbours {
  session: string;
  previous: string | null;
  next: string | null;
}

/**
 * A session may leave the list while it is open: an active one is completed, and the list shows active ones. Then its
 * last neighbours stay, so that one can go on from where one was.
 */
export function neighboursOf(
  sessions: readonly string[],
  session: string,
  before: Neighbours | null,
): Neighbours {
  const at = sessions.indexOf(session);
  if (at >= 0) return { session, previous: sessions[at - 1] ?? null, next: sessions[at + 1] ?? null };
  return before?.session === session ? before : { session, previous: null, next: null };
}

export function same(one: Neighbours | null, other: Neighbours): boolean {
  return one?.session === other.session && one.previous === other.previous && one.next === other.next;
}

/** Whether the list has to be read on so that there is a next one in time. */
export function nearEnd(sessions: readonly string[], session: string): boolean {
  const at = sessions.indexOf(session);
  return at >= 0 && at >= sessions.length - 3;
}
