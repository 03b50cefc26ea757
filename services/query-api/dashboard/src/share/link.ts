// The addresses that one hands on. Pure.

/** The moment that is shared. */
export interface SharedMoment {
  window: string;
  /** ms since the epoch on the visitor's clock. */
  at: number;
}

/** A share's path below this dashboard as a whole address, that opens the window that is shown. */
export function shareLink(path: string, origin: string, window: string | null): string {
  const url = new URL(path, origin);
  if (window !== null) url.searchParams.set("window", window);
  return url.href;
}

/** For people with a token of their own: the replay as it is open here. */
export function colleagueLink(
  session: { session_id: string; connection_id: string },
  moment: SharedMoment | null,
  origin: string,
): string {
  const url = new URL(`/sessions/${encodeURIComponent(session.session_id)}`, origin);
  url.searchParams.set("connection", session.connection_id);
  if (moment !== null) {
    url.searchParams.set("window", moment.window);
    url.searchParams.set("at", String(moment.at));
  }
  return url.href;
}
