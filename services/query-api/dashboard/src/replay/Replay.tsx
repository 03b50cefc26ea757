// The fullscreen replay of one session, over the list. Its address opens and closes it.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { asProblem } from "../api/problem";
import { sessionQuery } from "../api/queries";
import type { Account, SessionDetail } from "../api/types";
import { pageName } from "../format/page";
import { exactTime } from "../format/time";
import { ProblemNotice } from "../problem/ProblemNotice";
import { ShareDialog } from "../share/ShareDialog";
import { useCharacterKeys } from "./characterKeys";
import { HelpDialog } from "./HelpDialog";
import { InfoPanel } from "./InfoPanel";
import type { Entry } from "./jump-list/entries";
import { EVERYTHING, JumpList } from "./jump-list/JumpList";
import type { Command } from "./keyboard";
import type { Playback } from "./playback";
import "./replay.css";
import { ReplayTop } from "./ReplayTop";
import { type Side, SidePanel } from "./SidePanel";
import { useKeyboard } from "./useKeyboard";
import { momentOf } from "./useMoment";
import { type ListShown, useNeighbours } from "./useNeighbours";
import { chooseWindow } from "./whyNotPlayable";
import { type Shown, WindowReplay } from "./WindowReplay";

export interface ReplayProps {
  session: string;
  /** The window that the address asks for. */
  window: string | null;
  at: number | null;
  /** Who is signed in; null for who has only a link to this session. */
  account: Account | null;
  /** What the list behind the replay shows; null where there is none. */
  list: ListShown | null;
  /** Null where there is nothing behind the replay. */
  close: (() => void) | null;
  showWindow: (window: string, at?: number) => void;
  showSession: (session: string) => void;
}

export default function Replay(props: ReplayProps) {
  const { session, window: asked, at, account, list, close, showWindow, showSession } = props;
  const dialog = useModal(session);
  const leave = useOnce(close);
  const { data, error, refetch } = useQuery(sessionQuery(session));
  const neighbours = useNeighbours(list, session);
  const [characterKeys, turnCharacterKeys] = useCharacterKeys();
  const [panelShown, setPanelShown] = useState(true);
  const [side, setSide] = useState<Side>("details");
  const [choice, setChoice] = useState(EVERYTHING);
  const [open, setOpen] = useState<"share" | "help" | null>(null);
  const [playing, setPlaying] = useState<Shown | null>(null);
  const playback = playing?.playback ?? null;

  // Once chosen a window stays, also when an earlier one can be played later on.
  const [first, setFirst] = useState<{ session: string; window: string } | null>(null);
  const chosen = first?.session === session ? first.window : null;
  const shown = data === undefined ? null : chooseWindow(data.windows, asked ?? chosen);
  if (shown !== null && shown.playable_at !== null && chosen === null) {
    setFirst({ session, window: shown.window_id });
  }

  const jump = (entry: Entry) => {
    if (entry.window === shown?.window_id && playback !== null) {
      playback.seek(entry.at - playback.state().startAt);
    } else showWindow(entry.window, entry.at);
  };
  const run = (command: Command) => {
    switch (command.do) {
      case "help":
        setOpen("help");
        break;
      case "share":
        if (account !== null && data !== undefined) setOpen("share");
        break;
      case "panel":
        setPanelShown(!panelShown);
        break;
      case "previous":
      case "next": {
        const to = neighbours?.[command.do] ?? null;
        if (to !== null) showSession(to);
        break;
      }
      default:
        if (playback !== null) runPlayback(playback, command);
    }
  };
  useKeyboard(characterKeys, run);

  return (
    <dialog
      ref={dialog}
      className="replay"
      data-testid="replay"
      data-shown-session={session}
      aria-labelledby="replay-title"
      tabIndex={-1}
      onCancel={(event) => {
        // React tells it of what is open over the replay, too.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        leave();
      }}
      onClose={(event) => {
        if (event.target !== event.currentTarget) return;
        // The browser may close a dialog without asking, and says so a moment later.
        if (event.currentTarget.isConnected && !event.currentTarget.open) leave();
      }}
    >
      <ReplayTop
        session={data}
        window={shown?.window_id ?? null}
        showWindow={showWindow}
        neighbours={neighbours}
        mayShare={account !== null}
        panelShown={panelShown}
        run={(what) => {
          run({ do: what });
        }}
        close={close === null ? null : leave}
      />
      <Announcement session={data} />
      {data !== undefined ? (
        <div className="replay-main">
          <WindowReplay
            key={`${session} ${shown?.window_id ?? ""}`}
            session={data}
            window={shown}
            at={at}
            attach={setPlaying}
          />
          {panelShown && (
            <SidePanel side={side} choose={setSide}>
              {side === "details" ? (
                <InfoPanel
                  session={data}
                  window={shown?.window_id ?? null}
                  undrawable={playing?.undrawable ?? 0}
                  guest={account === null}
                  settled={playing?.settled ?? false}
                  showSession={showSession}
                />
              ) : (
                <JumpList
                  key={session}
                  session={data}
                  playback={playback}
                  choice={choice}
                  choose={setChoice}
                  jump={jump}
                />
              )}
            </SidePanel>
          )}
        </div>
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
      {open === "share" && account !== null && data !== undefined && (
        <SharedNow
          session={data}
          window={shown?.window_id ?? null}
          playback={playback}
          account={account}
          close={() => {
            setOpen(null);
          }}
        />
      )}
      {open === "help" && (
        <HelpDialog
          characterKeys={characterKeys}
          turnCharacterKeys={turnCharacterKeys}
          guest={account === null}
          close={() => {
            setOpen(null);
          }}
        />
      )}
    </dialog>
  );
}

function runPlayback(
  playback: Playback,
  command: Extract<Command, { do: "toggle" | "seekBy" | "seekTo" }>,
): void {
  const { positionMs, totalMs } = playback.state();
  if (command.do === "toggle") playback.toggle();
  else playback.seek(command.do === "seekBy" ? positionMs + command.ms : command.part * totalMs);
}

/** Shares the moment at which it was opened, however far the replay has played since. */
function SharedNow(props: {
  session: SessionDetail;
  window: string | null;
  playback: Playback | null;
  account: Account;
  close: () => void;
}) {
  const { session, window, playback, account, close } = props;
  const [moment] = useState(() => {
    const at = momentOf(playback);
    return at === null || window === null || playback === null
      ? null
      : { window, at, positionMs: playback.state().positionMs };
  });
  return <ShareDialog session={session} moment={moment} account={account} close={close} />;
}

/** Says which session is shown when another one takes its place; the title alone nobody would hear. */
function Announcement({ session }: { session: SessionDetail | undefined }) {
  const [first, setFirst] = useState<string | null>(null);
  if (session !== undefined && first === null) setFirst(session.session_id);
  const isAnother = session !== undefined && first !== null && session.session_id !== first;
  return (
    <p className="unseen" role="status">
      {isAnother && `Session from ${exactTime(session.started_at)}, ${pageName(session.landing_url).path}`}
    </p>
  );
}

/** Opens the dialog as a modal one: the browser keeps the focus in it. Gives the focus back at the end. */
function useModal(session: string) {
  const ref = useRef<HTMLDialogElement>(null);
  const shown = useRef(session);
  useEffect(() => {
    shown.current = session;
  }, [session]);
  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return undefined;
    const before = document.activeElement;
    const opened = shown.current;
    dialog.showModal();
    dialog.focus();
    return () => {
      dialog.close();
      const row = document.querySelector(`[data-session-id="${CSS.escape(shown.current)}"]`);
      // Who went on to other sessions is back at the row of the last one.
      const kept = before === null || before === document.body || shown.current !== opened ? row : before;
      const target = kept ?? before;
      if (target instanceof HTMLElement && target.isConnected) target.focus({ preventScroll: true });
    };
  }, []);
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
