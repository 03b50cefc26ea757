// The other sessions of the same visitor, the newest first.
import { queryOptions } from "@tanstack/react-query";
import { part } from "../api/addresses";
import { get } from "../api/client";
import type { Session, SessionPage } from "../api/types";

const SHOWN = 10;

export interface OtherSessions {
  sessions: Session[];
  /** There are more than are shown. */
  more: boolean;
}

export const otherSessionsQuery = (session: Pick<Session, "session_id" | "connection_id" | "visitor_id">) =>
  queryOptions({
    queryKey: ["other sessions", session.connection_id, session.visitor_id, session.session_id] as const,
    queryFn: async ({ signal }): Promise<OtherSessions> => {
      const page = await get<SessionPage>(
        `/v1/connections/${part(session.connection_id)}/sessions`,
        { visitor: session.visitor_id, limit: SHOWN + 1 },
        signal,
      );
      const sessions = page.sessions.filter(({ session_id }) => session_id !== session.session_id);
      return {
        sessions: sessions.slice(0, SHOWN),
        more: page.next_cursor !== null || sessions.length > SHOWN,
      };
    },
    staleTime: 30_000,
  });
