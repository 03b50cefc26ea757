// One session of the list. Drawn again only when something of it changes, not while the list scrolls.
import { flexRender, type Row } from "@tanstack/react-table";
import { memo, useMemo } from "react";
import type { Session } from "../api/types";
import { cellId, namedBy, reasonId } from "./cellIds";
import { RowTools } from "./rowTools";
import { useExpecting } from "./useExpecting";

interface Props {
  row: Row<Session>;
  /** Its place in the list, from 0. */
  index: number;
  last: boolean;
  tabIndex: 0 | -1;
  open: (session: string) => void;
}

/** The header is the grid's first row, and rows are counted from 1. */
const ROWS_BEFORE = 2;

export const SessionRow = memo(function SessionRow({ row, index, last, tabIndex, open }: Props) {
  const tools = useMemo(() => ({ open, tabIndex }), [open, tabIndex]);
  const expecting = useExpecting(row.original);
  const { replayable, status } = row.original;
  return (
    <RowTools value={tools}>
      <div
        role="row"
        className={last ? "session-row last" : "session-row"}
        style={{ top: `calc(${index} * var(--row-height))` }}
        tabIndex={tabIndex}
        aria-rowindex={index + ROWS_BEFORE}
        aria-labelledby={namedBy(row.id)}
        aria-describedby={replayable ? undefined : reasonId(row.id)}
        data-testid="session-row"
        data-session-id={row.id}
        data-status={status}
        {...expecting}
        onClick={({ currentTarget }) => {
          if (!selectsTextIn(currentTarget)) open(row.id);
        }}
      >
        {row.getVisibleCells().map(({ id, column, getContext }) => (
          <div key={id} role="gridcell" id={cellId(column.id, row.id)} className={`cell cell-${column.id}`}>
            {flexRender(column.columnDef.cell, getContext())}
          </div>
        ))}
      </div>
    </RowTools>
  );
});

/** Who has just marked a part of the row wants to copy it. */
function selectsTextIn(row: HTMLElement): boolean {
  const selection = window.getSelection();
  return selection !== null && !selection.isCollapsed && row.contains(selection.anchorNode);
}
