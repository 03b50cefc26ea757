// Asks for what a row's replay needs while somebody is about to open it: who rests on a row is likely to press it.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { sessionQuery } from "../api/queries";
import { expectReplay } from "../replay/replayCode";

/** A pointer on its way across the list stays on a row for less. */
export const REST_MS = 60;

interface Expecting {
  onPointerEnter: () => void;
  onPointerLeave: () => void;
  onFocus: () => void;
}

export function useExpecting(session: string): Expecting {
  const client = useQueryClient();
  const resting = useRef<number | undefined>(undefined);
  useEffect(
    () => () => {
      window.clearTimeout(resting.current);
    },
    [],
  );
  return useMemo(
    () => ({
      onPointerEnter: () => {
        expectReplay();
        window.clearTimeout(resting.current);
        resting.current = window.setTimeout(() => {
          // Where it fails, opening the session asks again and says so.
          client.query(sessionQuery(session)).catch(() => undefined);
        }, REST_MS);
      },
      onPointerLeave: () => {
        window.clearTimeout(resting.current);
      },
      // Keys walk through the rows faster than they could be asked for.
      onFocus: expectReplay,
    }),
    [client, session],
  );
}
