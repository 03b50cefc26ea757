// The list as a grid of which only the rows in sight are drawn. A row opens its replay, and so does its play
// button once the session can play.
import { flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { defaultRangeExtractor, type Range, useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Session } from "../api/types";
import { useNow } from "../format/useNow";
import { COLUMNS } from "./columns";
import { drawnRows } from "./rowKeys";
import { SessionRow } from "./SessionRow";
import "./session-table.css";
import { Now } from "./StartedAt";
import { useListPlace } from "./useListPlace";
import { rowOf, useRowWalk } from "./useRowWalk";

interface Props {
  sessions: Session[];
  open: (session: string) => void;
  /** The session whose replay is open over the list. */
  opened: string | null;
  /** These are still the rows of the filter before. */
  dimmed: boolean;
  /** There are more sessions than these. */
  more: boolean;
  /** The last rows come into sight. */
  nearEnd: () => void;
  /** Each time it grows the focus goes to the first row. */
  topAsked: number;
}

const ROWS_AROUND = 6;
/** So many rows before the end the next page is asked for. */
const NEAR_ROWS = 25;
/** As ARIA has it where the number of rows is not known. */
const UNKNOWN = -1;

/** Not drawn again for what only the list around it shows. */
export const SessionTable = memo(function SessionTable({
  sessions,
  open,
  opened,
  dimmed,
  more,
  nearEnd,
  topAsked,
}: Props) {
  const now = useNow();
  const grid = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const sample = useRef<HTMLDivElement>(null);
  const place = useListPlace(body, sample);
  const table = useReactTable({
    data: sessions,
    columns: COLUMNS,
    getRowId: (session) => session.session_id,
    getCoreRowModel: getCoreRowModel(),
  });
  const { rows } = table.getRowModel();
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);

  const walk = useRowWalk({
    grid,
    ids,
    open,
    rowsPerPage: () => Math.floor(window.innerHeight / place.rowHeight) - 2,
  });
  const { active, goTo } = walk;

  const [seen, setSeen] = useState({ opened: null as string | null, topAsked });
  if (seen.opened !== opened || seen.topAsked !== topAsked) {
    setSeen({ opened, topAsked });
    // Who closes a replay, or has walked on from it to another one, is back at that session.
    if (opened !== null && ids.includes(opened)) goTo(opened, false);
    const [first] = ids;
    if (seen.topAsked !== topAsked && first !== undefined) goTo(first, true);
  }
  useEffect(() => {
    const list = grid.current;
    if (opened === null || list === null) return undefined;
    return () => {
      // A replay gives the focus back to what had it; that may have gone, or never have been in the list.
      setTimeout(() => {
        if (document.activeElement === document.body) rowOf(list, opened)?.focus({ preventScroll: true });
      });
    };
  }, [opened]);

  const openedAt = opened === null ? -1 : ids.indexOf(opened);
  const rangeExtractor = useCallback(
    (range: Range) => drawnRows(defaultRangeExtractor(range), [active, openedAt], range.count),
    [active, openedAt],
  );
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => place.rowHeight,
    getItemKey: useCallback((index: number) => ids[index] ?? index, [ids]),
    overscan: ROWS_AROUND,
    // Until the window is measured the first rows are drawn, in steps; those that are missing then are few.
    initialRect: { width: 1, height: 1 },
    scrollMargin: place.top,
    rangeExtractor,
  });
  useEffect(() => {
    virtualizer.measure();
  }, [virtualizer, place.rowHeight]);

  const lastInSight = virtualizer.range?.endIndex ?? UNKNOWN;
  useEffect(() => {
    if (lastInSight >= rows.length - NEAR_ROWS) nearEnd();
  }, [lastInSight, rows.length, nearEnd]);

  return (
    <Now value={now}>
      <p id="walk" className="unseen">
        The arrow keys, Home, End, Page Up and Page Down lead from row to row, left and right through a row.
        Enter opens the replay.
      </p>
      <div
        ref={grid}
        role="grid"
        className={dimmed ? "sessions dimmed" : "sessions"}
        aria-label="Sessions"
        aria-describedby="walk"
        aria-rowcount={more ? UNKNOWN : rows.length + 1}
        aria-busy={dimmed}
        onFocus={walk.onFocus}
        onBlur={walk.onBlur}
        onKeyDown={walk.onKeyDown}
      >
        <div role="rowgroup" className="sessions-header">
          {table.getHeaderGroups().map((group) => (
            <div key={group.id} role="row" aria-rowindex={1} className="header-row">
              {group.headers.map((header) => (
                <div key={header.id} role="columnheader" className={`cell cell-${header.column.id}`}>
                  {flexRender(header.column.columnDef.header, header.getContext())}
                </div>
              ))}
            </div>
          ))}
        </div>
        <div
          ref={body}
          role="rowgroup"
          className="sessions-body"
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map(({ index }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <SessionRow
                  key={row.id}
                  row={row}
                  index={index}
                  last={index === rows.length - 1}
                  tabIndex={index === active ? 0 : -1}
                  open={open}
                />
              )
            );
          })}
        </div>
      </div>
      <div ref={sample} className="session-row-sample" aria-hidden="true" />
    </Now>
  );
});
