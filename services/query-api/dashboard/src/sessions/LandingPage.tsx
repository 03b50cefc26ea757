// Where a session began, its id, and why it cannot be played if it cannot.
import type { Session } from "../api/types";
import { pageName } from "../format/page";
import { whyNotPlayable } from "../replay/whyNotPlayable";

export function reasonId(session: Session): string {
  return `why-${session.session_id}`;
}

export function LandingPage({ session }: { session: Session }) {
  const page = pageName(session.landing_url);
  const why = whyNotPlayable(session);
  return (
    <div className="landing">
      <span className="landing-url" title={session.landing_url} data-testid="landing-url">
        {page.host !== "" && <span className="landing-host">{page.host}</span>}
        <span className="landing-path">{page.path}</span>
      </span>
      <code className="landing-id" data-testid="session-id">
        {session.session_id}
      </code>
      {why !== null && (
        <span className="landing-why" id={reasonId(session)} data-testid="why-not-playable">
          {why}
        </span>
      )}
    </div>
  );
}
