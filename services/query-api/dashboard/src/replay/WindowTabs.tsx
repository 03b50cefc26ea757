// The windows of a session, in the order in which they were opened. Shown when there is more than one.
import { type KeyboardEvent, useRef } from "react";
import type { SessionWindow } from "../api/types";
import { clockTime } from "../format/time";
import { inTimeOrder, whyWindowNotPlayable } from "./whyNotPlayable";
import "./window-tabs.css";

interface Props {
  windows: readonly SessionWindow[];
  shown: string;
  show: (window: string) => void;
}

export function WindowTabs({ windows, shown, show }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const ordered = inTimeOrder(windows);

  const move = (event: KeyboardEvent) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = ordered.findIndex((window) => window.window_id === shown);
    const next = ordered[(at + step + ordered.length) % ordered.length];
    if (next === undefined) return;
    show(next.window_id);
    list.current?.querySelector<HTMLElement>(`[data-window-id="${CSS.escape(next.window_id)}"]`)?.focus();
  };

  return (
    <div className="window-tabs" role="tablist" aria-label="Windows" ref={list} onKeyDown={move}>
      {ordered.map((window, index) => {
        const why = whyWindowNotPlayable(window);
        const isShown = window.window_id === shown;
        return (
          <button
            key={window.window_id}
            type="button"
            role="tab"
            id={`window-tab-${window.window_id}`}
            aria-controls="replay-window"
            aria-selected={isShown}
            tabIndex={isShown ? 0 : -1}
            data-testid="window-tab"
            data-window-id={window.window_id}
            className={why === null ? undefined : "unplayable"}
            title={why ?? `Opened at ${clockTime(window.first_at)}`}
            onClick={() => {
              show(window.window_id);
            }}
          >
            Window {index + 1}
          </button>
        );
      })}
    </div>
  );
}
