// The first page of a session's recording, asked for before it is known which windows the session has: its first one,
// from its first event, is mostly the one that a replay opens with.
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { getEvents } from "../api/client";
import { keys } from "../api/queries";
import type { EventPage, SessionDetail, SessionWindow } from "../api/types";
import { FIRST_PAGE_BYTES } from "./held";
import { sheetsAhead } from "./style-sheets/SheetsAhead";

export interface FirstPage extends EventPage {
  bytes: number;
  /** Until its style sheets are adapted, as far as they will be. */
  adapted: Promise<void>;
}

/** Who does not open the session by then has gone on. */
const KEPT_MS = 10_000;

export const firstPageQuery = (session: string) =>
  queryOptions({
    queryKey: keys.firstPage(session),
    queryFn: async ({ signal }): Promise<FirstPage> => {
      const page = await getEvents(session, null, { at: null, cursor: null }, FIRST_PAGE_BYTES, signal);
      return { ...page, adapted: sheetsAhead.adapt(page.events) };
    },
    retry: false,
    gcTime: KEPT_MS,
    staleTime: KEPT_MS,
  });

/** Hands it out, once, with its style sheets adapted; null where it was not asked for, or is no page of this window. */
export async function takeFirstPage(
  client: QueryClient,
  { session_id, windows }: Pick<SessionDetail, "session_id" | "windows">,
  window: SessionWindow,
): Promise<FirstPage | null> {
  const queryKey = keys.firstPage(session_id);
  const state = client.getQueryState(queryKey);
  if (state === undefined || state.status === "error") return null;
  if (state.fetchStatus === "idle" && Date.now() - state.dataUpdatedAt > KEPT_MS) return null;
  const page = await client.query(firstPageQuery(session_id)).catch(() => null);
  client.removeQueries({ queryKey });
  const [first] = page?.events ?? [];
  const begunThen = windows.filter(({ first_at }) => first_at === Math.floor(first?.timestamp ?? NaN));
  if (page === null || begunThen.length !== 1 || begunThen[0]?.window_id !== window.window_id) return null;
  await page.adapted;
  return page;
}
