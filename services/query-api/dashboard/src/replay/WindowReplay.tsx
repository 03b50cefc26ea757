// One window of a session: its recording loaded, drawn and controlled.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import type { Problem } from "../api/problem";
import type { SessionDetail, SessionWindow, TimelineItem } from "../api/types";
import { duration } from "../format/time";
import { ProblemNotice } from "../problem/ProblemNotice";
import { usePainted } from "./afterPaint";
import { Controls } from "./Controls";
import { LiveStatus } from "./LiveStatus";
import type { Playback } from "./playback";
import { ResourcesNote } from "./recorded-page/ResourcesNote";
import { timelineQuery } from "./timeline/timelineQuery";
import { Stage } from "./Stage";
import { usePlayback } from "./usePlayback";
import { useWindowPlayback } from "./useWindowPlayback";
import { whyNotFromBeginning, whyNotPlayable, whyWindowNotPlayable } from "./whyNotPlayable";
import "./window-replay.css";

interface Props {
  session: SessionDetail;
  /** null while the session has no window yet. */
  window: SessionWindow | null;
  /** The moment to open at, ms since the epoch; null plays from the first playable moment. */
  at: number | null;
  /** Hands what plays to what surrounds it; null when it is taken away. */
  attach: (shown: Shown | null) => void;
}

const NOTHING: TimelineItem[] = [];

/** What a window's replay tells of itself. */
export interface Shown {
  playback: Playback;
  /** How many events belong to a page whose full snapshot is missing. */
  undrawable: number;
  /** Its first frame is on the screen, or there is none to wait for: what only stands beside it may be asked for. */
  settled: boolean;
}

export function WindowReplay({ session, window, at, attach }: Props) {
  const why =
    whyNotPlayable(session) ??
    (window === null ? "No events have arrived yet." : whyWindowNotPlayable(window));
  const { playback, recording, retry, live } = useWindowPlayback({
    session,
    window,
    at,
    playable: why === null,
  });
  const { problem, blank, undrawable } = recording;
  const begun = usePlayback(playback, (state) => state.phase !== "empty");
  const finished = usePlayback(playback, (state) => state.phase === "finished");
  const failure = usePlayback(playback, (state) => state.failure);
  const settled = usePainted(begun || why !== null || failure !== null || problem !== null || blank);
  const { data: items = NOTHING } = useQuery({ ...timelineQuery(session), enabled: settled });

  useEffect(() => {
    attach({ playback, undrawable, settled });
    return () => {
      attach(null);
    };
  }, [attach, playback, undrawable, settled]);

  const notice = ((): ReactNode => {
    if (why !== null) return <Reason session={session} why={why} />;
    if (failure !== null) return <Failure text={failure} />;
    if (begun) return null;
    if (problem !== null) return <ProblemNotice problem={problem} retry={retry} />;
    if (blank) return <Failure text="None of its events is a full snapshot of the page." />;
    return <Loading />;
  })();

  return (
    <div className="window-replay" id="replay-window" role="tabpanel" aria-label="Recorded page">
      <Stage playback={playback} notice={notice} />
      <div className="window-replay-bar">
        {window !== null && begun && <Beginning window={window} />}
        <Rest playback={playback} problem={problem} retry={retry} />
        {finished && session.status === "active" && (
          <p className="window-replay-note" role="status">
            That is all so far. The visitor is still here; what comes next plays as it arrives.
          </p>
        )}
        {begun && <ResourcesNote />}
        {begun && <LiveStatus playback={playback} live={live} />}
        <Controls
          playback={playback}
          window={window}
          items={items}
          disabledBecause={why ?? (begun ? null : "The recording is loading.")}
        />
      </div>
    </div>
  );
}

/** Says so where a window does not play from its beginning. */
function Beginning({ window }: { window: SessionWindow }) {
  const why = whyNotFromBeginning(window);
  if (why === null || window.playability.from_at === null) return null;
  return (
    <p className="window-replay-note" role="note" data-testid="plays-from">
      {why} It plays from its first full snapshot, {duration(window.playability.from_at - window.first_at)}{" "}
      after it began.
    </p>
  );
}

/** What is still on its way while the replay is open. */
function Rest({
  playback,
  problem,
  retry,
}: {
  playback: Playback;
  problem: Problem | null;
  retry: () => void;
}) {
  const begun = usePlayback(playback, (state) => state.phase !== "empty");
  const waiting = usePlayback(playback, (state) => state.waiting);
  if (!begun) return null;
  if (problem !== null) {
    return (
      <p className="window-replay-note" role="alert">
        {waiting ? "This moment" : "The rest"} could not be loaded: {problem.message}.{" "}
        <button type="button" className="link" onClick={retry}>
          Try again
        </button>
      </p>
    );
  }
  if (!waiting) return null;
  return (
    <p className="window-replay-note" role="status" data-testid="replay-waiting">
      Loading this moment
    </p>
  );
}

function Loading() {
  return (
    <div className="notice" id="replay-notice" role="status" data-testid="replay-loading">
      <p>Loading the recording</p>
      <progress aria-label="Loading the recording" />
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
