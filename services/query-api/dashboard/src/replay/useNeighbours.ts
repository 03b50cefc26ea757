// Reads the list that lies behind the replay, as it is filtered, for the sessions beside the open one.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { connectionsQuery, sessionsQuery } from "../api/queries";
import { type Filters, NEWEST_FIRST, NO_FILTERS, type Order } from "../filters/filters";
import { nearEnd, type Neighbours, neighboursOf, same } from "./neighbours";

/** What the list behind the replay shows. */
export interface ListShown {
  /** null is the tenant's first. */
  connection: string | null;
  filters: Filters;
  order: Order;
}

/** @param list null where there is no list behind the replay */
export function useNeighbours(list: ListShown | null, session: string): Neighbours | null {
  const { data: connections } = useQuery({
    ...connectionsQuery,
    enabled: list !== null,
    refetchOnMount: false,
  });
  const connection = list === null ? null : (list.connection ?? connections?.[0]?.id ?? null);
  const { filters, order } = list ?? { filters: NO_FILTERS, order: NEWEST_FIRST };
  const { data, hasNextPage, isFetching, isError, fetchNextPage } = useInfiniteQuery({
    ...sessionsQuery(connection ?? "", filters, order),
    enabled: connection !== null,
    // Mostly the list behind the replay has them, and keeps them fresh.
    refetchOnMount: false,
  });
  const ids = useMemo(
    () => data?.pages.flatMap((page) => page.sessions.map(({ session_id }) => session_id)) ?? [],
    [data],
  );

  const [known, setKnown] = useState<Neighbours | null>(null);
  const now = neighboursOf(ids, session, known);
  if (!same(known, now)) setKnown(now);

  const readOn = hasNextPage && !isFetching && !isError && nearEnd(ids, session);
  useEffect(() => {
    if (readOn) void fetchNextPage();
  }, [readOn, fetchNextPage]);
  return list === null ? null : now;
}
