// Where a session began, its id, and why it cannot be played if it cannot.
import type { MouseEvent } from "react";
import { EMPTY, formatAddress } from "../address/address";
import type { Session } from "../api/types";
import { pageName } from "../format/page";
import { whyNotPlayable } from "../replay/whyNotPlayable";
import { landingId, reasonId } from "./cellIds";
import { SessionId } from "./SessionId";

export function LandingPage({ session }: { session: Session }) {
  const page = pageName(session.landing_url);
  const why = whyNotPlayable(session);
  const { session_id: id, connection_id: connection } = session;
  return (
    <div className="landing">
      <a
        className="landing-url"
        id={landingId(id)}
        href={formatAddress({ ...EMPTY, connection, session: id })}
        title={session.landing_url}
        data-testid="landing-url"
        // The row is the keyboard's way to the same place.
        tabIndex={-1}
        draggable={false}
        onClick={leaveToBrowser}
      >
        {page.host !== "" && <span className="landing-host">{page.host}</span>}
        <span className="landing-path">{page.path}</span>
      </a>
      <SessionId id={id} />
      {why !== null && (
        <span className="landing-why" id={reasonId(id)} data-testid="why-not-playable">
          {why}
        </span>
      )}
    </div>
  );
}

/** A plain click is the row's; with a modifier the browser opens a tab or window of its own. */
function leaveToBrowser(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) event.stopPropagation();
  else event.preventDefault();
}
