// A connection's sessions, newest first, kept up to date while the reader looks at them.
import { useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { asProblem } from "../api/problem";
import { sessionsQuery } from "../api/queries";
import type { Session } from "../api/types";
import type { Filters, Order } from "../filters/filters";
import { NoSessions } from "../filters/NoSessions";
import { counted } from "../format/number";
import { UpIcon } from "../icons";
import { ProblemNotice } from "../problem/ProblemNotice";
import "./session-list.css";
import { SessionTable } from "./SessionTable";
import { useHeldList } from "./useHeldList";

interface Props {
  connection: string;
  filters: Filters;
  order: Order;
  /** Asks for all sessions again. */
  clear: () => void;
  open: (session: string) => void;
}

const NOTHING: Session[] = [];

export function SessionList({ connection, filters, order, clear, open }: Props) {
  const query = useInfiniteQuery(sessionsQuery(connection, filters, order));
  const { data, error, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = query;
  const sessions = useMemo(() => data?.pages.flatMap((page) => page.sessions) ?? NOTHING, [data]);
  const { shown, waiting, showWaiting, pointer } = useHeldList(sessions);

  if (data === undefined) {
    return error === null ? (
      <ListSkeleton />
    ) : (
      <ProblemNotice problem={asProblem(error)} retry={() => void refetch()} />
    );
  }
  return (
    <section aria-label="Sessions" className="session-list" {...pointer}>
      {error !== null && (
        <p className="stale" role="alert" data-testid="stale">
          {asProblem(error).message}. This is how it was a moment ago; asking again.
        </p>
      )}
      {waiting > 0 && (
        <button type="button" className="waiting" data-testid="new-sessions" onClick={showWaiting}>
          <UpIcon /> {counted(waiting, "new session")}
        </button>
      )}
      {sessions.length === 0 ? (
        <NoSessions filters={filters} clear={clear} />
      ) : (
        <SessionTable sessions={shown} open={open} dimmed={isPlaceholderData} />
      )}
      {hasNextPage && (
        <button
          type="button"
          className="button more"
          data-testid="load-more"
          disabled={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {isFetchingNextPage ? "Loading" : "Load more"}
        </button>
      )}
    </section>
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
