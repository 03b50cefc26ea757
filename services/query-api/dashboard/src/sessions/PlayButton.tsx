// Opens a session's replay. While the session cannot be played the button says why, and stays reachable.
import { useContext } from "react";
import type { Session } from "../api/types";
import { Hint } from "../hint/Hint";
import { PlayIcon } from "../icons";
import { whyNotPlayable } from "../replay/whyNotPlayable";
import "./play-button.css";
import { RowTools } from "./rowTools";

export function PlayButton({ session }: { session: Session }) {
  const { open, tabIndex } = useContext(RowTools);
  const why = whyNotPlayable(session);
  return (
    <Hint text={why ?? "Play"}>
      {(describedBy) => (
        <button
          type="button"
          className="round play"
          data-testid="play-button"
          data-stop
          aria-label={`Play session ${session.session_id}`}
          aria-describedby={why === null ? undefined : describedBy}
          // Not `disabled`: that would take the button, and with it the reason, from the keyboard.
          aria-disabled={why !== null}
          tabIndex={tabIndex}
          onClick={(event) => {
            event.stopPropagation();
            if (why === null) open(session.session_id);
          }}
        >
          <PlayIcon />
        </button>
      )}
    </Hint>
  );
}
