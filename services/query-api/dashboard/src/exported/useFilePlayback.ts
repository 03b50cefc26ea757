// Joins a window's playback with its recording in the file, which is one page: all of it is there, and is kept.
import { useEffect, useState } from "react";
import type { SessionWindow } from "../api/types";
import { Playback } from "../replay/playback";
import { Recording } from "../replay/recording";
import { windowFacts } from "../replay/windowFacts";
import { eventsIn } from "./content";

export interface FilePlayback {
  playback: Playback;
  recording: Recording;
}

export function useFilePlayback(window: SessionWindow): FilePlayback {
  const [made] = useState((): FilePlayback => {
    const playback = new Playback({ at: null, playing: true });
    const load = async () => ({
      events: await eventsIn(document, window.window_id),
      // As good as none, so that nothing of it is let go to save memory.
      bytes: 1,
      nextCursor: null,
    });
    return { playback, recording: new Recording(load, playback) };
  });

  useEffect(() => {
    const { playback, recording } = made;
    const facts = windowFacts(window);
    playback.setSpan(facts.startAt, window.last_at);
    recording.describe(facts);
    recording.follow(facts.startAt);
    const end = playback.subscribe(() => {
      recording.follow(playback.state().startAt + playback.state().positionMs);
    });
    return () => {
      end();
      recording.close();
    };
  }, [made, window]);
  return made;
}
