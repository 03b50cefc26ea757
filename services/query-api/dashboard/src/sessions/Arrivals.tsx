// Says to a screen reader that sessions arrived, whether they are shown at once or wait above the list.
import { useState } from "react";
import type { Session } from "../api/types";
import { counted } from "../format/number";
import { type Held, newerThan } from "./heldList";

interface Props {
  sessions: Session[];
  /** How many of them wait above the list. */
  waiting: number;
}

export function Arrivals({ sessions, waiting }: Props) {
  const [top, setTop] = useState<Held | null>(sessions[0] ?? null);
  const [said, setSaid] = useState("");
  const [newest] = sessions;
  if (newest !== undefined && newest.session_id !== top?.session_id) {
    const arrived = newerThan(top, sessions);
    setTop(newest);
    if (arrived > 0) {
      setSaid(
        waiting > 0
          ? `${counted(waiting, "new session")} above the list`
          : `${counted(arrived, "new session")} at the top of the list`,
      );
    }
  }
  return (
    <p role="status" className="unseen" data-testid="arrivals">
      {/* The same words again are only read out when they are put there anew. */}
      <span key={top?.session_id}>{said}</span>
    </p>
  );
}
