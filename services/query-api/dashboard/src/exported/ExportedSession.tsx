// A session out of a file: its windows in tabs, what is known of it, and nobody to ask for more.
import { useEffect, useMemo, useState } from "react";
import type { eventWithTime } from "@rrweb/types";
import type { SessionDetail, SessionWindow } from "../api/types";
import { pageName } from "../format/page";
import { exactTime } from "../format/time";
import { Controls } from "../replay/Controls";
import { Playback } from "../replay/playback";
import { playOrder } from "../replay/playOrder";
import { Stage } from "../replay/Stage";
import { usePlayback } from "../replay/usePlayback";
import { chooseWindow, whyWindowNotPlayable } from "../replay/whyNotPlayable";
import { WindowTabs } from "../replay/WindowTabs";
import { eventsIn } from "./content";
import "../replay/replay.css";
import "../replay/window-replay.css";
import "./exported.css";

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

type Loaded = { events: eventWithTime[] } | { failure: string } | null;

function ExportedWindow({ window }: { window: SessionWindow }) {
  const [playback] = useState(() => new Playback({ at: null, playing: true }));
  const [loaded, setLoaded] = useState<Loaded>(null);
  useEffect(() => {
    let wanted = true;
    eventsIn(document, window.window_id).then(
      (events) => {
        if (wanted) setLoaded({ events });
      },
      (error: unknown) => {
        const said = error instanceof Error ? error.message : String(error);
        if (wanted) setLoaded({ failure: `The file is damaged: ${said}` });
      },
    );
    return () => {
      wanted = false;
    };
  }, [window]);

  const events = loaded !== null && "events" in loaded ? loaded.events : null;
  const playable = useMemo(() => (events === null ? [] : playOrder(events).events), [events]);
  useEffect(() => {
    playback.feed(playable);
  }, [playback, playable]);

  const begun = usePlayback(playback, (state) => state.phase !== "empty");
  const drawingFailed = usePlayback(playback, (state) => state.failure);
  const why = ((): string | null => {
    if (loaded === null) return "Unpacking the recording";
    if ("failure" in loaded) return loaded.failure;
    if (drawingFailed !== null) return `The recording cannot be drawn: ${drawingFailed}`;
    if (begun) return null;
    return whyWindowNotPlayable(window) ?? "None of its events is a full snapshot of the page.";
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
        <Controls playback={playback} disabledBecause={why} />
      </div>
    </div>
  );
}
