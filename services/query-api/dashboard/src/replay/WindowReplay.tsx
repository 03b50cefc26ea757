// One window of a session: its recording loaded, drawn and controlled.
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { SessionDetail, SessionWindow } from "../api/types";
import { count } from "../format/number";
import { ProblemNotice } from "../problem/ProblemNotice";
import { Controls } from "./Controls";
import { InfoPanel } from "./InfoPanel";
import { Playback } from "./playback";
import { playOrder } from "./playOrder";
import { ResourcesNote } from "./recorded-page/ResourcesNote";
import { Stage } from "./Stage";
import { usePlayback } from "./usePlayback";
import { type Recording, useRecording } from "./useRecording";
import { whyNotPlayable, whyWindowNotPlayable } from "./whyNotPlayable";
import "./window-replay.css";

interface Props {
  session: SessionDetail;
  /** null while the session has no window yet. */
  window: SessionWindow | null;
  /** The moment to open at, ms since the epoch; null plays from the first playable moment. */
  at: number | null;
  infoShown: boolean;
}

export function WindowReplay({ session, window, at, infoShown }: Props) {
  const [playback] = useState(() => new Playback({ at, playing: at === null }));
  const [opensAt] = useState(at);

  const why =
    whyNotPlayable(session) ??
    (window === null ? "No events have arrived yet." : whyWindowNotPlayable(window));
  const recording = useRecording(
    session.session_id,
    window?.window_id ?? "",
    why === null ? (window?.events ?? null) : null,
  );
  const { events, undrawable } = useMemo(() => playOrder(recording.events), [recording.events]);

  // Playing may begin while the rest is loading; but a moment asked for may lie in that rest, and a recording
  // that is read anew must not shrink under its viewer.
  const { complete } = recording;
  const wasComplete = useRef(false);
  useEffect(() => {
    if (complete || (opensAt === null && !wasComplete.current)) playback.feed(events);
    wasComplete.current ||= complete;
  }, [playback, events, complete, opensAt]);
  // The address was changed under the open replay, by hand or by going back.
  const shownAt = useRef(at);
  useEffect(() => {
    if (at !== null && at !== shownAt.current) playback.seek(at - playback.state().startAt);
    shownAt.current = at;
  }, [playback, at]);

  const begun = usePlayback(playback, (state) => state.phase !== "empty");
  const finished = usePlayback(playback, (state) => state.phase === "finished");
  const failure = usePlayback(playback, (state) => state.failure);
  const expected = window?.events ?? 0;

  const notice = ((): ReactNode => {
    if (why !== null) return <Reason session={session} why={why} />;
    if (failure !== null) return <Failure text={failure} />;
    if (begun) return null;
    if (recording.problem !== null)
      return <ProblemNotice problem={recording.problem} retry={recording.retry} />;
    if (!recording.complete) return <Loading loaded={recording.events.length} expected={expected} />;
    return <Failure text="None of its events is a full snapshot of the page." />;
  })();

  return (
    <div className="window-replay" id="replay-window" role="tabpanel" aria-label="Recorded page">
      <Stage playback={playback} notice={notice} />
      {infoShown && <InfoPanel session={session} undrawable={undrawable} />}
      <div className="window-replay-bar">
        <Loose recording={recording} begun={begun} expected={expected} />
        {finished && session.status === "active" && (
          <p className="window-replay-note" role="status">
            That is all so far. The visitor is still here; what comes next plays as it arrives.
          </p>
        )}
        {begun && <ResourcesNote />}
        <Controls playback={playback} disabledBecause={why ?? (begun ? null : "The recording is loading.")} />
      </div>
    </div>
  );
}

/** What is still on its way while the replay already plays. */
function Loose({ recording, begun, expected }: { recording: Recording; begun: boolean; expected: number }) {
  if (!begun) return null;
  if (recording.problem !== null) {
    return (
      <p className="window-replay-note" role="alert">
        The rest could not be loaded: {recording.problem.message}.{" "}
        <button type="button" className="link" onClick={recording.retry}>
          Try again
        </button>
      </p>
    );
  }
  if (recording.complete) return null;
  return (
    <p className="window-replay-note">
      Loading the rest: {count(recording.events.length)} of {count(expected)} events
    </p>
  );
}

function Loading({ loaded, expected }: { loaded: number; expected: number }) {
  return (
    <div className="notice" id="replay-notice" role="status" data-testid="replay-loading">
      <p>Loading the recording</p>
      <progress aria-label="Events loaded" value={loaded} max={Math.max(expected, loaded, 1)} />
      <p className="notice-more">
        {count(loaded)} of {count(expected)} events
      </p>
    </div>
  );
}

function Reason({ session, why }: { session: SessionDetail; why: string }) {
  return (
    <div className="notice" id="replay-notice" role="status" data-testid="not-playable">
      <p className="notice-title">This session cannot be played{session.status === "active" ? " yet" : ""}</p>
      <p>{why}</p>
      {session.status === "active" && <p className="notice-more">It starts by itself as soon as it can.</p>}
    </div>
  );
}

function Failure({ text }: { text: string }) {
  return (
    <div className="notice" id="replay-notice" role="alert" data-testid="replay-failure">
      <p className="notice-title">The recording cannot be drawn</p>
      <p>{text}</p>
    </div>
  );
}
