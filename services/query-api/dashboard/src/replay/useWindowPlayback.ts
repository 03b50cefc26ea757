// Joins a window's playback with what loads its recording, and with what follows its visitor while they are there.
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { getEvents, liveAddress } from "../api/client";
import { keys } from "../api/queries";
import type { SessionDetail, SessionWindow } from "../api/types";
import { afterPaint } from "./afterPaint";
import { type FirstPage, takeFirstPage } from "./firstPage";
import { FIRST_PAGE_BYTES } from "./held";
import { LiveReplay, type LiveState } from "./liveReplay";
import { Playback } from "./playback";
import { type LoadedPage, type LoadPage, Recording, type RecordingState } from "./recording";
import { windowFacts } from "./windowFacts";

export interface WindowPlayback {
  playback: Playback;
  recording: RecordingState;
  retry: () => void;
  /** What there is of following the visitor; null where it cannot be. */
  live: { state: LiveState; go: () => void } | null;
}

interface Asked {
  session: SessionDetail;
  /** Never another one, while it is shown. */
  window: SessionWindow | null;
  /** The moment to open at, ms since the epoch. */
  at: number | null;
  playable: boolean;
}

export function useWindowPlayback({ session, window, at, playable }: Asked): WindowPlayback {
  const client = useQueryClient();
  const [{ playback, recording, live }] = useState(() => build(client, session, window, at));
  const isActive = session.status === "active";

  // Who opens a session whose visitor is there wants to see them, unless a moment was asked for.
  const opensLive = useRef(at === null);
  useEffect(() => {
    const follow = () => {
      const { startAt, positionMs } = playback.state();
      if (startAt > 0) recording.follow(startAt + positionMs);
    };
    const end = playback.subscribe(follow);
    return () => {
      end();
      recording.close();
      opensLive.current ||= live !== null && live.state() !== "off";
      live?.stop();
    };
  }, [playback, recording, live]);

  useEffect(() => {
    if (window === null || !playable) return;
    const facts = windowFacts(window);
    playback.setSpan(facts.startAt, window.last_at);
    if (opensLive.current && isActive && live !== null && !window.ended) live.start(window.skew_ms);
    opensLive.current = false;
    recording.describe(facts);
    recording.follow(facts.startAt + playback.state().positionMs);
  }, [playback, recording, live, window, playable, isActive]);

  // The address was changed under the open replay, by hand or by going back.
  const shownAt = useRef(at);
  useEffect(() => {
    if (at !== null && at !== shownAt.current) playback.seek(at - playback.state().startAt);
    shownAt.current = at;
  }, [playback, at]);

  const liveState = useSyncExternalStore(live?.subscribe ?? never, live?.state ?? off);
  return {
    playback,
    recording: useSyncExternalStore(recording.subscribe, recording.state),
    retry: () => {
      recording.retry();
    },
    live:
      live !== null && window !== null && isActive
        ? {
            state: liveState,
            go: () => {
              live.start(window.skew_ms);
            },
          }
        : null,
  };
}

function build(client: QueryClient, session: SessionDetail, window: SessionWindow | null, at: number | null) {
  const { session_id } = session;
  const window_id = window?.window_id ?? "";
  const expected = () => (window === null ? null : takeFirstPage(client, session, window));
  const playback = new Playback({ at, playing: at === null });
  const isDrawn = () => playback.state().phase !== "empty";
  const load = pagesOf(client, session_id, window_id, expected, isDrawn);
  const recording = new Recording(load, playback, () => live?.stop());
  const address = liveAddress(session_id);
  const live = address === null ? null : new LiveReplay(address, window_id, recording, playback);
  return { playback, recording, live };
}

/** A page is asked for with the query client's patience, and kept by the recording alone. */
function pagesOf(
  client: QueryClient,
  session: string,
  window: string,
  expected: () => Promise<FirstPage | null> | null,
  isDrawn: () => boolean,
): LoadPage {
  return async (start, limitBytes, signal) => {
    const isFirst = start.at === null && start.cursor === null;
    const first = isFirst && limitBytes === FIRST_PAGE_BYTES ? await expected() : null;
    if (first !== null) return loaded(first);
    // The first page may end before its full snapshot: then the next one is what the first frame waits for.
    if (start.cursor !== null && isDrawn()) await afterPaint();
    const queryKey = [...keys.recording(session, window), start, limitBytes];
    const cancel = () => void client.cancelQueries({ queryKey, exact: true });
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const page = await client.query({
        queryKey,
        queryFn: (query) => getEvents(session, window, start, limitBytes, query.signal),
        gcTime: 0,
        staleTime: 0,
      });
      return loaded(page);
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  };
}

function loaded(page: Pick<FirstPage, "events" | "bytes" | "next_cursor">): LoadedPage {
  return { events: page.events, bytes: page.bytes, nextCursor: page.next_cursor };
}

function never(): () => void {
  return () => undefined;
}

function off(): LiveState {
  return "off";
}
