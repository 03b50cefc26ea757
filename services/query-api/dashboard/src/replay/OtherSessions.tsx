// Links to the other sessions of the same visitor.
import { useQuery } from "@tanstack/react-query";
import type { MouseEvent } from "react";
import { asProblem } from "../api/problem";
import type { Session } from "../api/types";
import { counted } from "../format/number";
import { pageName } from "../format/page";
import { exactTime } from "../format/time";
import { colleagueLink } from "../share/link";
import { otherSessionsQuery } from "./otherSessions";

interface Props {
  session: Pick<Session, "session_id" | "connection_id" | "visitor_id">;
  showSession: (session: string) => void;
}

export function OtherSessions({ session, showSession }: Props) {
  const { data, error } = useQuery(otherSessionsQuery(session));
  if (error !== null && data === undefined) {
    return (
      <span className="info-more" role="alert">
        Other sessions: {asProblem(error).message}
      </span>
    );
  }
  if (data === undefined) return null;
  if (data.sessions.length === 0) return <span className="info-more">No other sessions</span>;
  return (
    <>
      <span className="info-more">
        {data.more ? "The newest other sessions" : counted(data.sessions.length, "other session")}
      </span>
      <ul className="info-others" aria-label="Other sessions of this visitor">
        {data.sessions.map((other) => (
          <li key={other.session_id}>
            <a
              href={colleagueLink(other, null, window.location.origin)}
              data-testid="other-session"
              data-other-session={other.session_id}
              title={other.landing_url}
              onClick={(event) => {
                if (!isPlain(event)) return;
                event.preventDefault();
                showSession(other.session_id);
              }}
            >
              {exactTime(other.started_at)}
              <span className="info-other-page">{pageName(other.landing_url).path}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A click that asks for nothing else, like a new tab. */
function isPlain(event: MouseEvent): boolean {
  return event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
}
