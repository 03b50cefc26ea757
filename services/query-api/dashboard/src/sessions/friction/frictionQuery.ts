// Friction of the sessions on the screen: asked for after the list, in batches, so that the list does not
// wait for it.
import { queryOptions } from "@tanstack/react-query";
import { getFriction } from "../../api/client";
import type { Session, SessionFriction } from "../../api/types";
import { batched } from "./batched";

/** Rows that are only scrolled past are gone again before this. */
const WAIT_MS = 80;
/** The API's own limit. */
const MOST = 100;
/** An active session goes on. */
const ACTIVE_AGAIN_MS = 10_000;
const COMPLETED_STALE_MS = 5 * 60_000;

const askers = new Map<string, ReturnType<typeof batched<SessionFriction>>>();

function askerOf(connection: string): ReturnType<typeof batched<SessionFriction>> {
  const known = askers.get(connection);
  if (known !== undefined) return known;
  const asker = batched<SessionFriction>(
    async (sessions, signal) => {
      const found = await getFriction(connection, sessions, signal);
      return new Map(found.map((friction) => [friction.session_id, friction]));
    },
    { waitMs: WAIT_MS, most: MOST },
  );
  askers.set(connection, asker);
  return asker;
}

export const frictionQuery = ({
  connection_id: connection,
  session_id: session,
  status,
}: Pick<Session, "connection_id" | "session_id" | "status">) =>
  queryOptions({
    queryKey: ["friction", connection, session, status],
    queryFn: ({ signal }) => askerOf(connection)(session, signal),
    refetchInterval: status === "active" ? ACTIVE_AGAIN_MS : false,
    staleTime: status === "active" ? ACTIVE_AGAIN_MS : COMPLETED_STALE_MS,
    // A row that comes back into sight does not repeat what has just failed.
    retryOnMount: false,
  });
