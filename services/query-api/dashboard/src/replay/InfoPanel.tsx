// What is known of the session, beside its replay.
import type { CompletionReason, SessionDetail } from "../api/types";
import { CopyButton } from "../copy/CopyButton";
import { countryName } from "../format/country";
import { count, size } from "../format/number";
import { pageName } from "../format/page";
import { duration, exactTime, relativeTime } from "../format/time";
import { useNow } from "../format/useNow";
import { StatusBadge } from "../sessions/StatusBadge";
import { Downloads } from "./Downloads";
import "./info-panel.css";
import { OtherSessions } from "./OtherSessions";
import { WindowFacts } from "./WindowFacts";

const ENDINGS: Record<CompletionReason, string> = {
  inactivity: "Nothing came for longer than the gap.",
  max_duration: "It reached the longest duration of a session.",
  ended: "The visitor closed the page.",
};

interface Props {
  session: SessionDetail;
  /** The window that is shown. */
  window: string | null;
  undrawable: number;
  /** Somebody who has a link to this session, and may ask for nothing else. */
  guest: boolean;
  /** The replay has what it waits for. */
  settled: boolean;
  showSession: (session: string) => void;
}

export function InfoPanel({ session, window, undrawable, guest, settled, showSession }: Props) {
  const now = useNow();
  const page = pageName(session.landing_url);
  return (
    <div className="info" data-testid="info-panel" role="group" aria-label="Session" tabIndex={0}>
      <dl>
        <dt>Session id</dt>
        <dd className="info-id">
          <code data-testid="info-session-id">{session.session_id}</code>
          <CopyButton text={session.session_id} what="session id" />
        </dd>
        <dt>Landing URL</dt>
        <dd data-testid="info-landing-url" className="info-url">
          {session.landing_url === "" ? page.path : session.landing_url}
        </dd>
        <dt>Started</dt>
        <dd data-testid="info-started">
          <time dateTime={new Date(session.started_at).toISOString()}>{exactTime(session.started_at)}</time>
          <span className="info-more">{relativeTime(session.started_at, now)}</span>
        </dd>
        <dt>Duration</dt>
        <dd data-testid="info-duration">{duration(session.duration_ms)}</dd>
        <dt>Events</dt>
        <dd data-testid="info-events">
          {count(session.events)}
          <span className="info-more">in {count(session.batches)} batches</span>
          {undrawable > 0 && (
            <span className="info-more">
              {count(undrawable)} belong to a page whose full snapshot is missing.
            </span>
          )}
        </dd>
        <dt>Size</dt>
        <dd data-testid="info-size">
          {size(session.raw_bytes)}
          <span className="info-more">{count(session.raw_bytes)} bytes as recorded</span>
        </dd>
        <dt>Status</dt>
        <dd data-testid="info-status">
          <StatusBadge status={session.status} />
          {session.completion_reason !== null && (
            <span className="info-more">{ENDINGS[session.completion_reason]}</span>
          )}
        </dd>
        <dt>User agent</dt>
        <dd data-testid="info-user-agent">
          <UserAgent session={session} />
        </dd>
        <dt>Country</dt>
        <dd data-testid="info-country">
          {session.country === "" ? "Unknown" : countryName(session.country)}
        </dd>
        <dt>Windows</dt>
        <dd>
          <WindowFacts windows={session.windows} shown={window} />
        </dd>
        <dt>Visitor</dt>
        <dd data-testid="info-visitor">
          <code>{session.visitor_id}</code>
          {!guest && settled && <OtherSessions session={session} showSession={showSession} />}
        </dd>
        {!guest && (
          <>
            <dt>Download</dt>
            <dd>
              <Downloads session={session.session_id} window={window} />
            </dd>
          </>
        )}
      </dl>
    </div>
  );
}

function UserAgent({ session }: { session: SessionDetail }) {
  const parts = [session.browser, session.os, session.device].filter(
    (part) => part !== "" && part !== "Other",
  );
  return (
    <>
      {parts.length > 0 ? parts.join(" · ") : "Not recognised"}
      {session.user_agent !== "" && <span className="info-more info-agent">{session.user_agent}</span>}
    </>
  );
}
