// Once many pages are open the whole list is asked for rarely; its newest page is asked for as often as ever.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { getSessions } from "../api/client";
import { POLL_MS } from "../api/queries";
import type { SessionPage } from "../api/types";
import { type Filters, NEWEST_FIRST, parametersOf } from "../filters/filters";

export function useNewest(
  connection: string,
  filters: Filters,
  enabled: boolean,
): UseQueryResult<SessionPage> {
  return useQuery({
    queryKey: ["newest", connection, filters],
    queryFn: ({ signal }) =>
      getSessions(connection, { ...parametersOf(filters, Date.now()), ...NEWEST_FIRST }, signal),
    refetchInterval: POLL_MS,
    enabled,
  });
}
