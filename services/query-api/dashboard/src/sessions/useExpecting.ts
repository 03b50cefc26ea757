// Asks for what a row's replay needs while somebody is about to open it: who rests on a row is likely to press it, and
// who presses lets go a moment later.
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { sessionQuery } from "../api/queries";
import type { Session } from "../api/types";
import { firstPageQuery } from "../replay/firstPage";
import { expectReplay } from "../replay/replayCode";

/** A pointer on its way across the list stays on a row for less. */
export const REST_MS = 60;

interface Expecting {
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  onPointerDown: () => void;
  onFocus: () => void;
}

type Expected = Pick<Session, "session_id" | "replayable" | "status">;

export function useExpecting({ session_id, replayable, status }: Expected): Expecting {
  const client = useQueryClient();
  const resting = useRef<number | undefined>(undefined);
  useEffect(
    () => () => {
      window.clearTimeout(resting.current);
    },
    [],
  );
  return useMemo(() => {
    const session = { session_id, replayable, status };
    return {
      onPointerEnter: () => {
        expectReplay();
        window.clearTimeout(resting.current);
        resting.current = window.setTimeout(() => {
          askFor(client, session);
        }, REST_MS);
      },
      onPointerLeave: () => {
        window.clearTimeout(resting.current);
      },
      onPointerDown: () => {
        window.clearTimeout(resting.current);
        askFor(client, session);
      },
      // Keys walk through the rows faster than they could be asked for.
      onFocus: expectReplay,
    };
  }, [client, session_id, replayable, status]);
}

/** Where it fails, opening the session asks again and says so. */
function askFor(client: QueryClient, { session_id, replayable, status }: Expected): void {
  client.query(sessionQuery(session_id)).catch(() => undefined);
  // Of a visitor who is there the newest is wanted.
  if (replayable && status === "completed") client.query(firstPageQuery(session_id)).catch(() => undefined);
}
