// A session out of a file: its windows in tabs, what is known of it, and nobody to ask for more.
import { useSyncExternalStore, useState } from "react";
import type { SessionDetail, SessionWindow, TimelineItem } from "../api/types";
import { pageName } from "../format/page";
import { exactTime } from "../format/time";
import { Controls } from "../replay/Controls";
import { Stage } from "../replay/Stage";
import { usePlayback } from "../replay/usePlayback";
import { chooseWindow, whyWindowNotPlayable } from "../replay/whyNotPlayable";
import { WindowTabs } from "../replay/WindowTabs";
import "../replay/replay.css";
import "../replay/window-replay.css";
import "./exported.css";
import { useFilePlayback } from "./useFilePlayback";

interface Props {
  session: SessionDetail;
  windows: readonly SessionWindow[];
}

export function ExportedSession({ session, windows }: Props) {
  const [asked, setAsked] = useState<string | null>(null);
  const shown = chooseWindow(windows, asked);
  const page = pageName(session.landing_url);
  return (
    <main className="exported" data-testid="replay">
      <header className="replay-top">
        <h1>
          <span className="unseen">Replay of </span>
          {page.path}
          {page.host !== "" && <span className="replay-host">{page.host}</span>}
        </h1>
        {shown !== null && windows.length > 1 && (
          <WindowTabs windows={windows} shown={shown.window_id} show={setAsked} />
        )}
        <p className="exported-facts">
          {exactTime(session.started_at)} · {session.browser} · {session.os} ·{" "}
          <code>{session.session_id}</code>
        </p>
      </header>
      {shown === null ? (
        <p className="notice" role="alert">
          The file holds no window
        </p>
      ) : (
        <ExportedWindow key={shown.window_id} window={shown} />
      )}
      <p className="exported-note">
        A recording from Playhead. It plays from this file alone: nobody is contacted, nothing of the recorded
        page runs, and what the site had elsewhere stays empty.
      </p>
    </main>
  );
}

const NOTHING: TimelineItem[] = [];

function ExportedWindow({ window }: { window: SessionWindow }) {
  const { playback, recording } = useFilePlayback(window);
  const { problem, blank } = useSyncExternalStore(recording.subscribe, recording.state);
  const begun = usePlayback(playback, (state) => state.phase !== "empty");
  const drawingFailed = usePlayback(playback, (state) => state.failure);
  const why = ((): string | null => {
    if (problem !== null) return `The file is damaged: ${problem.message}`;
    if (drawingFailed !== null) return `The recording cannot be drawn: ${drawingFailed}`;
    if (begun) return null;
    if (blank) return whyWindowNotPlayable(window) ?? "None of its events is a full snapshot of the page.";
    return "Unpacking the recording";
  })();
  const notice =
    why === null ? null : (
      <p className="notice" id="replay-notice" role="status">
        {why}
      </p>
    );
  return (
    <div className="window-replay" id="replay-window" role="tabpanel" aria-label="Recorded page">
      <Stage playback={playback} notice={notice} />
      <div className="window-replay-bar">
        <Controls playback={playback} window={window} items={NOTHING} disabledBecause={why} />
      </div>
    </div>
  );
}
