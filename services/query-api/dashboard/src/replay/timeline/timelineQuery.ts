// A session's timeline, all of it, and again and again while the session is active.
import { queryOptions } from "@tanstack/react-query";
import { part } from "../../api/addresses";
import { get } from "../../api/client";
import { POLL_MS } from "../../api/queries";
import type { Session, Timeline, TimelineItem } from "../../api/types";
import { askOnFrom, joined } from "./pages";

/** So many are enough for any viewer; what comes behind them is left out. */
const MOST_ITEMS = 50_000;

async function readTimeline(session: string, signal: AbortSignal): Promise<TimelineItem[]> {
  let items: TimelineItem[] = [];
  let from: number | null = 0;
  while (from !== null && items.length < MOST_ITEMS) {
    const page: Timeline = await get(`/v1/sessions/${part(session)}/timeline`, { from }, signal);
    items = joined(items, page.items, from);
    from = askOnFrom(page, from);
  }
  return items;
}

export const timelineQuery = (session: Pick<Session, "session_id" | "status">) =>
  queryOptions({
    queryKey: ["timeline", session.session_id] as const,
    queryFn: ({ signal }) => readTimeline(session.session_id, signal),
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    refetchInterval: session.status === "active" ? 3 * POLL_MS : false,
  });
