// Loads a window's events page by page, and what has been added since while the session is active.
import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import type { eventWithTime } from "@rrweb/types";
import { useEffect, useMemo, useRef } from "react";
import { getEvents } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { keys } from "../api/queries";
import { newEvents } from "./playOrder";

/** Which page to ask for. The last page is asked for again to see what was added to it. */
export interface PageAddress {
  cursor: string | null;
  /** The events of this very page that have been read already. */
  known: eventWithTime[];
}

export interface RecordingPage {
  cursor: string | null;
  /** Everything that this cursor has given so far. */
  read: eventWithTime[];
  /** What was not on an earlier reading of it. */
  events: eventWithTime[];
  nextCursor: string | null;
}

export interface Recording {
  events: eventWithTime[];
  /** The last page has been read. */
  complete: boolean;
  problem: Problem | null;
  retry: () => void;
}

export function nextPage(page: RecordingPage): PageAddress {
  return page.nextCursor === null
    ? { cursor: page.cursor, known: page.read }
    : { cursor: page.nextCursor, known: [] };
}

async function readPage(
  session: string,
  window: string,
  page: PageAddress,
  signal: AbortSignal,
): Promise<RecordingPage> {
  const answer = await getEvents(session, window, page.cursor, signal);
  const events = page.known.length === 0 ? answer.events : newEvents(page.known, answer.events);
  return {
    cursor: page.cursor,
    read: [...page.known, ...events],
    events,
    nextCursor: answer.next_cursor,
  };
}

/** `expected` is the number of events that the session says its window has; null while there is nothing to load. */
export function useRecording(session: string, window: string, expected: number | null): Recording {
  const client = useQueryClient();
  const queryKey = keys.recording(session, window);
  const query = useInfiniteQuery<
    RecordingPage,
    Error,
    InfiniteData<RecordingPage, PageAddress>,
    typeof queryKey,
    PageAddress
  >({
    queryKey,
    queryFn: ({ pageParam, signal }) => readPage(session, window, pageParam, signal),
    initialPageParam: { cursor: null, known: [] },
    getNextPageParam: nextPage,
    enabled: expected !== null,
    // What has been read does not change; what is added is asked for below.
    staleTime: Infinity,
    gcTime: 60_000,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
  });

  const { data, error, isFetching, fetchNextPage, refetch } = query;
  const events = useMemo(() => data?.pages.flatMap((page) => page.events) ?? [], [data]);
  const complete = data?.pages.at(-1)?.nextCursor === null;
  const missing = complete ? (expected ?? 0) - events.length : 0;

  // Each count of events is chased once by reading the end again, and once from the beginning: late events
  // may lie before the end. After that the counts are taken as they are.
  const chased = useRef({ atEnd: 0, fromStart: 0 });
  useEffect(() => {
    if (data === undefined || isFetching || error !== null || expected === null) return;
    if (!complete) {
      void fetchNextPage();
    } else if (missing > 0 && chased.current.atEnd !== expected) {
      chased.current.atEnd = expected;
      void fetchNextPage();
    } else if (missing > 0 && chased.current.fromStart !== expected) {
      chased.current.fromStart = expected;
      void client.resetQueries({ queryKey: keys.recording(session, window) });
    }
  }, [client, complete, data, error, expected, fetchNextPage, isFetching, missing, session, window]);

  return {
    events,
    complete,
    problem: error === null ? null : asProblem(error),
    retry: () => {
      void (data === undefined ? refetch() : fetchNextPage());
    },
  };
}
