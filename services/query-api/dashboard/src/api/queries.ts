// What the dashboard asks for, under which key it is kept, and how often it is asked again.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { type Filters, NEWEST_FIRST, type Order, parametersOf } from "../filters/filters";
import { readersZone } from "../filters/zone";
import { getAccount, getConnections, getSession, getSessions, getStats } from "./client";
import { asProblem } from "./problem";
import type { SessionPage } from "./types";

export const POLL_MS = 3_000;

export const keys = {
  account: ["account"] as const,
  connections: ["connections"] as const,
  stats: (connection: string, filters: Filters) => ["stats", connection, filters] as const,
  sessions: (connection: string, filters: Filters, order: Order) =>
    ["sessions", connection, filters, order] as const,
  session: (session: string) => ["session", session] as const,
  firstPage: (session: string) => ["first page", session] as const,
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

export const statsQuery = (connection: string, filters: Filters) =>
  queryOptions({
    queryKey: keys.stats(connection, filters),
    queryFn: async ({ signal }) => {
      const asked = parametersOf(filters, Date.now());
      try {
        return await getStats(connection, { ...asked, time_zone: readersZone() }, signal);
      } catch (error) {
        // Browsers keep old names of zones, which a machine's table may have without them. The answer says whose hours
        // its buckets are, and so does the chart.
        const { reason, detail } = asProblem(error);
        if (reason !== "bad_parameter" || !detail.includes("time_zone")) throw error;
        return getStats(connection, asked, signal);
      }
    },
    refetchInterval: POLL_MS,
    placeholderData: (previous, previousQuery) =>
      previousQuery?.queryKey[1] === connection ? previous : undefined,
  });

/** Where a page begins. A cursor holds for the filters that it was given for, and "the last hour" is another at any
 *  moment: all pages of a list are asked for as of the same. */
interface PageStart {
  cursor: string | null;
  /** ms since the epoch; null for the first page, and where it makes no difference. */
  asOf: number | null;
}

const FIRST: PageStart = { cursor: null, asOf: null };

export const sessionsQuery = (connection: string, filters: Filters, order: Order = NEWEST_FIRST) =>
  infiniteQueryOptions({
    queryKey: keys.sessions(connection, filters, order),
    queryFn: async ({ pageParam, signal }): Promise<SessionPage & { asOf: number | null }> => {
      const now = pageParam.asOf ?? Date.now();
      const asked = { ...parametersOf(filters, now), ...order, cursor: pageParam.cursor };
      const page = await getSessions(connection, asked, signal);
      return { ...page, asOf: filters.time?.kind === "last" ? now : null };
    },
    initialPageParam: FIRST,
    getNextPageParam: (page) =>
      page.next_cursor === null ? null : { cursor: page.next_cursor, asOf: page.asOf },
    // A refresh asks for every loaded page again, so that none is skipped or shown twice. The more pages
    // the reader has opened, the rarer it is: the rate of requests stays the same.
    refetchInterval: (query) => POLL_MS * Math.max(1, query.state.data?.pages.length ?? 1),
    // While other filters are asked for, the list stays; another connection's rows never do.
    placeholderData: (previous, previousQuery) =>
      previousQuery?.queryKey[1] === connection ? previous : undefined,
  });

export const sessionQuery = (session: string) =>
  queryOptions({
    queryKey: keys.session(session),
    queryFn: ({ signal }) => getSession(session, signal),
    staleTime: POLL_MS,
    // A completed session still changes when a late batch comes, but nobody waits for that.
    refetchInterval: (query) => {
      const known = query.state.data;
      return known?.status === "completed" && known.replayable ? false : POLL_MS;
    },
  });
