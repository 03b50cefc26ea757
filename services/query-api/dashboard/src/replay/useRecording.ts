// Loads a window's events page by page, and what has been added since while the session is active.
import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import type { eventWithTime } from "@rrweb/types";
import { useEffect, useMemo, useRef } from "react";
import { getEvents } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import { keys } from "../api/queries";
import { compare, inOrder } from "./playOrder";

/** Which page to ask for. The last page is asked for again to see what was added to it. */
export interface PageAddress {
  cursor: string | null;
  /** Events that have been read already and lie on this page or behind it. */
  known: eventWithTime[];
}

export interface RecordingPage {
  cursor: string | null;
  /** All that its last reading gave. */
  read: eventWithTime[];
  /** Of these, what no earlier reading gave. */
  events: eventWithTime[];
  /** Known events that this page did not hold; it has grown past them, so they lie behind it. */
  left: eventWithTime[];
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
    : { cursor: page.nextCursor, known: page.left };
}

async function readPage(
  session: string,
  window: string,
  page: PageAddress,
  signal: AbortSignal,
): Promise<RecordingPage> {
  const answer = await getEvents(session, window, page.cursor, signal);
  const { added, left } =
    page.known.length === 0 ? { added: answer.events, left: [] } : compare(page.known, answer.events);
  return { cursor: page.cursor, read: answer.events, events: added, left, nextCursor: answer.next_cursor };
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
  const read = useMemo(() => data?.pages.flatMap((page) => page.events) ?? [], [data]);
  // Late events come behind what they belong before. They are put in place at once, and then read in the
  // API's own order, which alone knows it among events of the same millisecond.
  const ordered = useMemo(() => inOrder(read), [read]);
  const events = useMemo(
    () => (ordered ? read : [...read].sort((one, other) => one.timestamp - other.timestamp)),
    [ordered, read],
  );
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
    } else if ((missing > 0 || !ordered) && chased.current.fromStart !== expected) {
      chased.current.fromStart = expected;
      void client.resetQueries({ queryKey: keys.recording(session, window) });
    }
  }, [client, complete, data, error, expected, fetchNextPage, isFetching, missing, ordered, session, window]);

  return {
    events,
    complete,
    problem: error === null ? null : asProblem(error),
    retry: () => {
      void (data === undefined ? refetch() : fetchNextPage());
    },
  };
}
