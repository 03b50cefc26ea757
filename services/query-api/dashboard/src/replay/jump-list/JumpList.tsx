// What happened in the session, one line each; a click or Enter shows the moment, in the window in which it was.
import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { asProblem } from "../../api/problem";
import type { SessionDetail, TimelineItem } from "../../api/types";
import { count } from "../../format/number";
import { position } from "../../format/time";
import { ProblemNotice } from "../../problem/ProblemNotice";
import type { Playback } from "../playback";
import type { Group } from "../timeline/kinds";
import { timelineQuery } from "../timeline/timelineQuery";
import { useMoment } from "../useMoment";
import { chosenFrom, countsOf, currentAt, entriesOf, type Entry, LISTED } from "./entries";
import "./jump-list.css";

export interface Choice {
  /** None chosen shows all. */
  groups: ReadonlySet<Group>;
  words: string;
}
export const EVERYTHING: Choice = { groups: new Set(), words: "" };

interface Props {
  session: SessionDetail;
  playback: Playback | null;
  choice: Choice;
  choose: (choice: Choice) => void;
  jump: (entry: Entry) => void;
}

const NAMES: Record<Group, string> = {
  page: "Pages",
  click: "Clicks",
  input: "Inputs",
  error: "Errors",
  custom: "Events",
  friction: "Friction",
};
const NOTHING: TimelineItem[] = [];

export function JumpList({ session, playback, choice, choose, jump }: Props) {
  const { data: items, error, refetch } = useQuery(timelineQuery(session));
  const all = useMemo(() => entriesOf(session, items ?? NOTHING), [session, items]);
  const counts = useMemo(() => countsOf(all), [all]);
  const entries = useMemo(() => chosenFrom(all, choice.groups, choice.words), [all, choice]);

  const toggle = (group: Group) => {
    const groups = new Set(choice.groups);
    if (!groups.delete(group)) groups.add(group);
    choose({ ...choice, groups });
  };
  if (items === undefined) {
    return error === null ? (
      <p className="notice" role="status">
        Loading what happened
      </p>
    ) : (
      <ProblemNotice problem={asProblem(error)} retry={() => void refetch()} />
    );
  }
  return (
    <div className="jump">
      <div className="jump-choice" role="group" aria-label="Shown in the list">
        {LISTED.map((group) => (
          <button
            key={group}
            type="button"
            className="jump-group"
            data-testid={`jump-${group}`}
            aria-pressed={choice.groups.has(group)}
            disabled={!counts.has(group) && !choice.groups.has(group)}
            onClick={() => {
              toggle(group);
            }}
          >
            {NAMES[group]} {count(counts.get(group) ?? 0)}
          </button>
        ))}
      </div>
      <input
        type="search"
        className="jump-words"
        data-testid="jump-words"
        aria-label="Find in the list"
        placeholder="Find"
        value={choice.words}
        onChange={(event) => {
          choose({ ...choice, words: event.target.value });
        }}
      />
      {entries.length === 0 ? (
        <p className="notice" data-testid="jump-empty">
          {all.length === 0 ? "There is nothing to jump to." : "Nothing here fits the filter."}
        </p>
      ) : (
        <Entries entries={entries} playback={playback} jump={jump} />
      )}
    </div>
  );
}

const ROW_PX = 48;

function Entries({ entries, playback, jump }: Pick<Props, "playback" | "jump"> & { entries: Entry[] }) {
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number | null>(null);
  const [attended, setAttended] = useState(false);
  const current = useMoment(playback, (at) => (at === null ? -1 : currentAt(entries, at)));
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are used in this component alone
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const chosen = active !== null && active < entries.length ? active : null;

  // The list goes with the replay, but not under the eyes or hands of who is in it.
  const { scrollToIndex } = rows;
  useEffect(() => {
    if (!attended && current >= 0) scrollToIndex(current, { align: "auto" });
  }, [attended, current, scrollToIndex]);

  const go = (index: number) => {
    const to = Math.min(entries.length - 1, Math.max(0, index));
    setActive(to);
    scrollToIndex(to, { align: "auto" });
  };
  const press = (event: KeyboardEvent) => {
    const from = chosen ?? Math.max(0, current);
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 0) / ROW_PX) - 1);
    const steps: Record<string, number> = {
      ArrowDown: from + 1,
      ArrowUp: from - 1,
      PageDown: from + page,
      PageUp: from - page,
      Home: 0,
      End: entries.length - 1,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      go(to);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      const entry = entries[from];
      setActive(from);
      if (entry !== undefined) jump(entry);
    }
  };
  return (
    <div
      ref={box}
      className="jump-entries"
      role="listbox"
      aria-label="What happened"
      tabIndex={0}
      data-testid="jump-list"
      aria-activedescendant={chosen === null ? undefined : `jump-${chosen}`}
      onKeyDown={press}
      onFocus={() => {
        setAttended(true);
        if (chosen === null) setActive(Math.max(0, current));
      }}
      onBlur={() => {
        setAttended(false);
      }}
      onPointerEnter={() => {
        setAttended(true);
      }}
      onPointerLeave={(event) => {
        setAttended(event.currentTarget.contains(document.activeElement));
      }}
    >
      <div className="jump-all" role="presentation" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          if (entry === undefined) return null;
          return (
            <div
              key={entry.key}
              id={`jump-${index}`}
              className={`jump-entry mark-of-${entry.group}`}
              role="option"
              aria-selected={index === chosen}
              aria-current={index === current ? "true" : undefined}
              aria-setsize={entries.length}
              aria-posinset={index + 1}
              data-testid="jump-entry"
              data-kind={entry.kind}
              data-window-id={entry.window}
              data-at-ms={entry.at}
              title={entry.text === "" ? undefined : entry.text}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => {
                setActive(index);
                jump(entry);
              }}
            >
              <span className="jump-time">{position(entry.positionMs)}</span>
              <span className="jump-name">
                {entry.name}
                {entry.windowName !== null && <span className="jump-window">{entry.windowName}</span>}
              </span>
              <span className="jump-text">{entry.text}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
