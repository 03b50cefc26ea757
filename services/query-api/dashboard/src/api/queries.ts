// What the dashboard asks for, under which key it is kept, and how often it is asked again.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { getAccount, getConnections, getSession, getSessions, getStats } from "./client";
import type { SessionStatus } from "./types";

export const POLL_MS = 3_000;

export const keys = {
  account: ["account"] as const,
  connections: ["connections"] as const,
  stats: (connection: string) => ["stats", connection] as const,
  sessions: (connection: string, status: SessionStatus | null) => ["sessions", connection, status] as const,
  session: (session: string) => ["session", session] as const,
  recording: (session: string, window: string) => ["recording", session, window] as const,
};

export const accountQuery = queryOptions({
  queryKey: keys.account,
  queryFn: ({ signal }) => getAccount(signal),
  staleTime: Infinity,
});

export const connectionsQuery = queryOptions({
  queryKey: keys.connections,
  queryFn: ({ signal }) => getConnections(signal),
  refetchInterval: 10 * POLL_MS,
});

export const statsQuery = (connection: string) =>
  queryOptions({
    queryKey: keys.stats(connection),
    queryFn: ({ signal }) => getStats(connection, signal),
    refetchInterval: POLL_MS,
  });

export const sessionsQuery = (connection: string, status: SessionStatus | null) =>
  infiniteQueryOptions({
    queryKey: keys.sessions(connection, status),
    queryFn: ({ pageParam, signal }) => getSessions(connection, status, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    // A refresh asks for every loaded page again, so that none is skipped or shown twice. The more pages
    // the reader has opened, the rarer it is: the rate of requests stays the same.
    refetchInterval: (query) => POLL_MS * Math.max(1, query.state.data?.pages.length ?? 1),
    // While another status is asked for, the list stays; another connection's rows never do.
    placeholderData: (previous, previousQuery) =>
      previousQuery?.queryKey[1] === connection ? previous : undefined,
  });

export const sessionQuery = (session: string) =>
  queryOptions({
    queryKey: keys.session(session),
    queryFn: ({ signal }) => getSession(session, signal),
    // A completed session still changes when a late batch comes, but nobody waits for that.
    refetchInterval: (query) => {
      const known = query.state.data;
      return known?.status === "completed" && known.replayable ? false : POLL_MS;
    },
  });
