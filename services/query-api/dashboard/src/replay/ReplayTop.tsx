// The bar over the replay: which session it is, its windows, and what one can do with it.
import type { SessionDetail } from "../api/types";
import { pageName } from "../format/page";
import { CloseIcon, DownIcon, HelpIcon, PanelIcon, ShareIcon, UpIcon } from "../icons";
import { StatusBadge } from "../sessions/StatusBadge";
import type { Command } from "./keyboard";
import type { Neighbours } from "./neighbours";
import "./replay-top.css";
import { WindowTabs } from "./WindowTabs";

interface Props {
  session: SessionDetail | undefined;
  /** The window that is shown. */
  window: string | null;
  showWindow: (window: string) => void;
  /** null where there is no list behind the replay. */
  neighbours: Neighbours | null;
  mayShare: boolean;
  panelShown: boolean;
  run: (command: Extract<Command["do"], "previous" | "next" | "share" | "panel" | "help">) => void;
  close: (() => void) | null;
}

export function ReplayTop(props: Props) {
  const { session, window, showWindow, neighbours, mayShare, panelShown, run, close } = props;
  const page = session === undefined ? null : pageName(session.landing_url);
  return (
    <header className="replay-top">
      <h2 id="replay-title" title={session?.landing_url}>
        <span className="unseen">Replay of </span>
        {page === null ? "Session" : page.path}
        {page !== null && page.host !== "" && <span className="replay-host">{page.host}</span>}
      </h2>
      {session !== undefined && <StatusBadge status={session.status} />}
      {session !== undefined && window !== null && session.windows.length > 1 && (
        <WindowTabs windows={session.windows} shown={window} show={showWindow} />
      )}
      <div className="replay-actions">
        {neighbours !== null && (
          <>
            <StepButton step="previous" key="previous" to={neighbours.previous} run={run} />
            <StepButton step="next" key="next" to={neighbours.next} run={run} />
          </>
        )}
        {mayShare && (
          <button
            type="button"
            className="round"
            data-testid="share-open"
            aria-label="Share at this time"
            title="Share at this time (S)"
            disabled={session === undefined}
            onClick={() => {
              run("share");
            }}
          >
            <ShareIcon />
          </button>
        )}
        <button
          type="button"
          className="round"
          data-testid="help-open"
          aria-label="Keyboard and colours"
          title="Keyboard and colours (?)"
          onClick={() => {
            run("help");
          }}
        >
          <HelpIcon />
        </button>
        <button
          type="button"
          className="round"
          data-testid="toggle-info"
          aria-pressed={panelShown}
          aria-label="Session details"
          title={panelShown ? "Hide the panel (I)" : "Show the panel (I)"}
          onClick={() => {
            run("panel");
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
            onClick={close}
          >
            <CloseIcon />
          </button>
        )}
      </div>
    </header>
  );
}

const STEPS = {
  previous: { name: "Previous session", key: "P", none: "There is none before it in the list" },
  next: { name: "Next session", key: "N", none: "There is none behind it in the list" },
};

function StepButton({ step, to, run }: { step: "previous" | "next"; to: string | null; run: Props["run"] }) {
  const { name, key, none } = STEPS[step];
  return (
    <button
      type="button"
      className="round"
      data-testid={`${step}-session`}
      aria-label={name}
      title={to === null ? none : `${name} (${key})`}
      // Not `disabled`: who came here by this button would lose the focus at the end of the list.
      aria-disabled={to === null}
      onClick={() => {
        if (to !== null) run(step);
      }}
    >
      {step === "previous" ? <UpIcon /> : <DownIcon />}
    </button>
  );
}
