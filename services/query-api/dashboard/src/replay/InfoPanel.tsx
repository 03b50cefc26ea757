// What is known of the session, beside its replay.
import { useState } from "react";
import type { CompletionReason, SessionDetail } from "../api/types";
import { browserName } from "../format/browser";
import { count, size } from "../format/number";
import { pageName } from "../format/page";
import { duration, exactTime, relativeTime } from "../format/time";
import { useNow } from "../format/useNow";
import { CheckIcon, CopyIcon } from "../icons";
import { StatusBadge } from "../sessions/StatusBadge";
import "./info-panel.css";

const ENDINGS: Record<CompletionReason, string> = {
  inactivity: "Nothing came for longer than the gap.",
  max_duration: "It reached the longest duration of a session.",
  ended: "The visitor closed the page.",
};

export function InfoPanel({ session, undrawable }: { session: SessionDetail; undrawable: number }) {
  const now = useNow();
  const page = pageName(session.landing_url);
  return (
    <aside className="info" aria-label="Session" data-testid="info-panel">
      <dl>
        <dt>Session id</dt>
        <dd className="info-id">
          <code data-testid="info-session-id">{session.session_id}</code>
          <CopyButton text={session.session_id} />
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
        <dd>{duration(session.duration_ms)}</dd>
        <dt>Events</dt>
        <dd data-testid="info-events">
          {count(session.events)}
          <span className="info-more">{size(session.raw_bytes)} as recorded</span>
          {undrawable > 0 && (
            <span className="info-more">
              {count(undrawable)} belong to a page whose full snapshot is missing.
            </span>
          )}
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
          {browserName(session)}
          {session.user_agent !== "" && <span className="info-more info-agent">{session.user_agent}</span>}
        </dd>
        <dt>Visitor</dt>
        <dd>
          <code>{session.visitor_id}</code>
        </dd>
      </dl>
    </aside>
  );
}

function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState<"yes" | "no" | null>(null);
  const copy = async () => {
    // The clipboard is refused on plain HTTP except on this machine; then the id stays selectable text.
    try {
      await navigator.clipboard.writeText(text);
      setCopied("yes");
    } catch {
      setCopied("no");
    }
  };
  const name =
    copied === "yes" ? "Copied" : copied === "no" ? "The browser refused to copy" : "Copy session id";
  return (
    <button type="button" className="small-icon" aria-label={name} title={name} onClick={() => void copy()}>
      {copied === "yes" ? <CheckIcon /> : <CopyIcon />}
    </button>
  );
}
