// Beside the replay: what is known of the session, or what happened in it.
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import "./side-panel.css";

export type Side = "details" | "jump";

interface Props {
  side: Side;
  choose: (side: Side) => void;
  children: ReactNode;
}

const TABS: { side: Side; name: string }[] = [
  { side: "details", name: "Details" },
  { side: "jump", name: "Jump list" },
];

export function SidePanel({ side, choose, children }: Props) {
  const tabs = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    const other = side === "details" ? "jump" : "details";
    choose(other);
    tabs.current?.querySelector<HTMLElement>(`#side-tab-${other}`)?.focus();
  };
  return (
    <aside className="side" aria-label="About the session">
      <div
        className="side-tabs"
        role="tablist"
        aria-label="Shown beside the replay"
        ref={tabs}
        onKeyDown={move}
      >
        {TABS.map((tab) => (
          <button
            key={tab.side}
            type="button"
            role="tab"
            id={`side-tab-${tab.side}`}
            data-testid={`side-${tab.side}`}
            aria-selected={tab.side === side}
            aria-controls="side-shown"
            tabIndex={tab.side === side ? 0 : -1}
            onClick={() => {
              choose(tab.side);
            }}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <div className="side-shown" id="side-shown" role="tabpanel" aria-labelledby={`side-tab-${side}`}>
        {children}
      </div>
    </aside>
  );
}
