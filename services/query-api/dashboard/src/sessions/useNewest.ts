// Once many pages are open the whole list is asked for rarely; its newest page is asked for as often as ever.
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { getSessions } from "../api/client";
import { POLL_MS } from "../api/queries";
import type { SessionPage, SessionStatus } from "../api/types";

export function useNewest(
  connection: string,
  status: SessionStatus | null,
  enabled: boolean,
): UseQueryResult<SessionPage> {
  return useQuery({
    queryKey: ["newest", connection, status],
    queryFn: ({ signal }) => getSessions(connection, status, null, signal),
    refetchInterval: POLL_MS,
    enabled,
  });
}
