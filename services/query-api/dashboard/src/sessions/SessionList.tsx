// A connection's sessions in the order asked for, kept up to date while the reader looks at them.
import { hashKey, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useAddress } from "../address/useAddress";
import { asProblem, type Problem } from "../api/problem";
import { sessionsQuery } from "../api/queries";
import type { Filters, Order } from "../filters/filters";
import { NoSessions } from "../filters/NoSessions";
import { counted } from "../format/number";
import { useNow } from "../format/useNow";
import { UpIcon } from "../icons";
import { useInSteps } from "../useInSteps";
import { ProblemNotice } from "../problem/ProblemNotice";
import { Arrivals } from "./Arrivals";
import { staleness } from "./freshness";
import { joined, withNewest } from "./heldList";
import "./session-list.css";
import { SessionTable } from "./SessionTable";
import { useHeldList } from "./useHeldList";
import { useNewest } from "./useNewest";
import { useOnline } from "./useOnline";

interface Props {
  connection: string;
  filters: Filters;
  order: Order;
  /** Asks for all sessions again. */
  clear: () => void;
  open: (session: string) => void;
}

export function SessionList({ connection, filters, order, clear, open }: Props) {
  const listed = sessionsQuery(connection, filters, order);
  const query = useInfiniteQuery(listed);
  const { data, dataUpdatedAt, error, isPlaceholderData, hasNextPage, fetchNextPage, refetch } = query;
  // In any other order what is new may be anywhere.
  const newestFirst = order.sort === "started_at" && order.direction === "desc";
  const deep = newestFirst && !isPlaceholderData && (data?.pages.length ?? 0) > 1;
  const newest = useNewest(connection, filters, deep);
  const online = useOnline();
  const now = useNow();
  const { address } = useAddress();
  // That a replay is over it the list need not know before the replay is drawn.
  const opened = useDeferredValue(address.session);
  const [topAsked, setTopAsked] = useState(0);

  const whole = useMemo(() => joined(data?.pages ?? []), [data]);
  const isNewer = deep && newest.dataUpdatedAt > dataUpdatedAt;
  const renewed = useMemo(
    () => (isNewer && newest.data !== undefined ? withNewest(whole, newest.data) : whole),
    [whole, newest.data, isNewer],
  );
  const outrun = renewed === null;
  useEffect(() => {
    if (outrun) void refetch();
  }, [outrun, refetch]);
  const sessions = renewed ?? whole;

  const scope = isPlaceholderData ? "another list" : hashKey(listed.queryKey);
  const { shown, waiting, showWaiting, holding } = useHeldList(sessions, scope, newestFirst);
  const problem = useLastProblem(error ?? (deep ? newest.error : null), data !== undefined && error === null);

  const drawn = useInSteps(data !== undefined);
  const loading = query.isFetchingNextPage;
  const failed = query.isFetchNextPageError;
  const mayLoad = hasNextPage && !loading && !isPlaceholderData;
  const loadMore = useCallback(() => {
    if (mayLoad) void fetchNextPage();
  }, [mayLoad, fetchNextPage]);
  const nearEnd = useCallback(() => {
    // What has just failed is asked for again with the list, or when the reader says so.
    if (!failed && online) loadMore();
  }, [failed, online, loadMore]);

  if (data === undefined || !drawn) {
    if (!online && data === undefined) return <Offline />;
    return problem === null ? (
      <ListSkeleton />
    ) : (
      <ProblemNotice problem={problem} retry={() => void refetch()} />
    );
  }
  const stale = staleness({ online, problem, updatedAt: Math.max(dataUpdatedAt, newest.dataUpdatedAt), now });
  return (
    <section aria-label="Sessions" className="session-list" {...holding}>
      {newestFirst && <Arrivals key={scope} sessions={sessions} waiting={waiting} />}
      <div className="list-notices">
        <div role="status">
          {stale !== null && (
            <p className="stale" data-testid="stale">
              {stale}
            </p>
          )}
        </div>
        {waiting > 0 && (
          <button
            type="button"
            className="waiting"
            data-testid="new-sessions"
            onClick={() => {
              showWaiting();
              setTopAsked((before) => before + 1);
            }}
          >
            <UpIcon /> {counted(waiting, "new session")}
          </button>
        )}
      </div>
      {sessions.length === 0 ? (
        <NoSessions filters={filters} clear={clear} />
      ) : (
        <SessionTable
          sessions={shown}
          open={open}
          opened={opened}
          dimmed={isPlaceholderData}
          more={hasNextPage}
          nearEnd={nearEnd}
          topAsked={topAsked}
        />
      )}
      <p role="status" className="unseen">
        {loading && "Loading more sessions"}
      </p>
      {hasNextPage && (
        <button
          type="button"
          className="button more"
          data-testid="load-more"
          aria-disabled={loading}
          onClick={loadMore}
        >
          {loading ? "Loading" : failed ? "Loading more failed. Try again" : "Load more"}
        </button>
      )}
    </section>
  );
}

/** While a failed call is repeated there is no error for a moment; it stays said until a call went well. */
function useLastProblem(error: Error | null, well: boolean): Problem | null {
  const [last, setLast] = useState<Error | null>(null);
  if (error !== null && error !== last) setLast(error);
  if (error === null && well && last !== null) setLast(null);
  return last === null ? null : asProblem(last);
}

function Offline() {
  return (
    <div className="notice empty" role="status" data-testid="offline">
      <p className="notice-title">You are offline</p>
      <p>The sessions appear here as soon as you are back.</p>
    </div>
  );
}

function ListSkeleton() {
  return (
    <div className="skeleton" role="status" aria-label="Loading sessions">
      {[0, 1, 2, 3, 4].map((row) => (
        <div key={row} className="skeleton-row" />
      ))}
    </div>
  );
}
