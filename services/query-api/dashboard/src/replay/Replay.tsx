// The fullscreen replay of one session, over the list. Its address opens and closes it.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { asProblem } from "../api/problem";
import { sessionQuery } from "../api/queries";
import { pageName } from "../format/page";
import { CloseIcon, PanelIcon } from "../icons";
import { ProblemNotice } from "../problem/ProblemNotice";
import { StatusBadge } from "../sessions/StatusBadge";
import "./replay.css";
import { chooseWindow } from "./whyNotPlayable";
import { WindowReplay } from "./WindowReplay";
import { WindowTabs } from "./WindowTabs";

interface Props {
  session: string;
  /** The window that the address asks for. */
  window: string | null;
  at: number | null;
  /** Null where there is nothing behind the replay. */
  close: (() => void) | null;
  showWindow: (window: string) => void;
}

export default function Replay({ session, window: asked, at, close, showWindow }: Props) {
  const dialog = useModal(session);
  const leave = useOnce(close);
  const { data, error, refetch } = useQuery(sessionQuery(session));
  const [infoShown, setInfoShown] = useState(true);
  // Once chosen a window stays, also when an earlier one can be played later on.
  const [first, setFirst] = useState<string | null>(null);
  const shown = data === undefined ? null : chooseWindow(data.windows, asked ?? first);
  if (shown !== null && shown.playable_at !== null && first === null) setFirst(shown.window_id);

  const page = data === undefined ? null : pageName(data.landing_url);
  return (
    <dialog
      ref={dialog}
      className="replay"
      data-testid="replay"
      aria-labelledby="replay-title"
      tabIndex={-1}
      onCancel={(event) => {
        event.preventDefault();
        leave();
      }}
      onClose={(event) => {
        // The browser may close a dialog without asking, and says so a moment later.
        if (event.currentTarget.isConnected && !event.currentTarget.open) leave();
      }}
    >
      <header className="replay-top">
        <h2 id="replay-title">
          <span className="unseen">Replay of </span>
          {page === null ? "Session" : page.path}
          {page !== null && page.host !== "" && <span className="replay-host">{page.host}</span>}
        </h2>
        {data !== undefined && <StatusBadge status={data.status} />}
        {data !== undefined && shown !== null && data.windows.length > 1 && (
          <WindowTabs windows={data.windows} shown={shown.window_id} show={showWindow} />
        )}
        <div className="replay-actions">
          <button
            type="button"
            className="round"
            data-testid="toggle-info"
            aria-pressed={infoShown}
            aria-label="Session details"
            title={infoShown ? "Hide session details" : "Show session details"}
            onClick={() => {
              setInfoShown(!infoShown);
            }}
          >
            <PanelIcon />
          </button>
          {close !== null && (
            <button
              type="button"
              className="round"
              data-testid="close-replay"
              aria-label="Close replay"
              title="Close (Esc)"
              onClick={leave}
            >
              <CloseIcon />
            </button>
          )}
        </div>
      </header>
      {data !== undefined ? (
        <WindowReplay
          key={shown?.window_id ?? "none"}
          session={data}
          window={shown}
          at={at}
          infoShown={infoShown}
        />
      ) : (
        <div className="replay-body">
          {error === null ? (
            <p className="notice" role="status">
              Loading the session
            </p>
          ) : (
            <ProblemNotice problem={asProblem(error)} retry={() => void refetch()} />
          )}
        </div>
      )}
    </dialog>
  );
}

/** Opens the dialog as a modal one: the browser keeps the focus in it. Gives the focus back at the end. */
function useModal(session: string) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return undefined;
    const before = document.activeElement;
    dialog.showModal();
    dialog.focus();
    return () => {
      dialog.close();
      const row = document.querySelector(`[data-session-id="${CSS.escape(session)}"]`);
      const target = before === null || before === document.body ? row : before;
      if (target instanceof HTMLElement && target.isConnected) target.focus({ preventScroll: true });
    };
  }, [session]);
  return ref;
}

/** Going back takes a moment; asked twice it would leave the list as well. */
function useOnce(step: (() => void) | null): () => void {
  const done = useRef(false);
  return () => {
    if (done.current || step === null) return;
    done.current = true;
    step();
  };
}
