// Opens a session's replay; disabled while the session cannot be played, with the reason.
import type { Session } from "../api/types";
import { PlayIcon } from "../icons";
import { whyNotPlayable } from "../replay/whyNotPlayable";
import { reasonId } from "./LandingPage";

interface Props {
  session: Session;
  open: (session: string) => void;
}

export function PlayButton({ session, open }: Props) {
  const why = whyNotPlayable(session);
  return (
    <button
      type="button"
      className="round play"
      data-testid="play-button"
      aria-label={`Play session ${session.session_id}`}
      aria-describedby={why === null ? undefined : reasonId(session)}
      title={why ?? "Play"}
      disabled={why !== null}
      // The row is the keyboard's way in; a second stop in every row would only make it longer.
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation();
        open(session.session_id);
      }}
    >
      <PlayIcon />
    </button>
  );
}
