// The table of sessions: a row opens its replay, and so does its play button once the session can play.
import { createColumnHelper, flexRender, getCoreRowModel, useReactTable } from "@tanstack/react-table";
import { type KeyboardEvent, useMemo } from "react";
import type { Session } from "../api/types";
import { browserName } from "../format/browser";
import { count } from "../format/number";
import { duration, exactTime, relativeTime } from "../format/time";
import { useNow } from "../format/useNow";
import { LandingPage } from "./LandingPage";
import { PlayButton } from "./PlayButton";
import "./session-table.css";
import { StatusBadge } from "./StatusBadge";

interface Props {
  sessions: Session[];
  open: (session: string) => void;
  /** These are still the rows of the filter before. */
  dimmed: boolean;
}

const column = createColumnHelper<Session>();

function columnsAt(now: number, open: (session: string) => void) {
  return [
    column.display({
      id: "play",
      header: () => <span className="unseen">Play</span>,
      cell: ({ row }) => <PlayButton session={row.original} open={open} />,
    }),
    column.accessor("landing_url", {
      id: "session",
      header: "Session",
      cell: ({ row }) => <LandingPage session={row.original} />,
    }),
    column.accessor("started_at", {
      id: "started",
      header: "Started",
      cell: ({ getValue }) => (
        <time dateTime={new Date(getValue()).toISOString()} title={exactTime(getValue())}>
          {relativeTime(getValue(), now)}
        </time>
      ),
    }),
    column.accessor("duration_ms", {
      id: "duration",
      header: "Duration",
      cell: ({ getValue }) => duration(getValue()),
    }),
    column.accessor("events", {
      id: "events",
      header: "Events",
      cell: ({ getValue }) => (
        <>
          <span data-testid="events">{count(getValue())}</span>
          <span className="unit"> {getValue() === 1 ? "event" : "events"}</span>
        </>
      ),
    }),
    column.accessor("status", {
      id: "status",
      header: "Status",
      cell: ({ getValue }) => <StatusBadge status={getValue()} />,
    }),
    column.accessor("user_agent", {
      id: "agent",
      header: "User agent",
      cell: ({ row }) => <span title={row.original.user_agent}>{browserName(row.original)}</span>,
    }),
  ];
}

export function SessionTable({ sessions, open, dimmed }: Props) {
  const now = useNow();
  const columns = useMemo(() => columnsAt(now, open), [now, open]);
  // eslint-disable-next-line react-hooks/incompatible-library -- the table is used in this component alone
  const table = useReactTable({
    data: sessions,
    columns,
    getRowId: (session) => session.session_id,
    getCoreRowModel: getCoreRowModel(),
  });
  return (
    <div className="table-frame">
      <table className={dimmed ? "sessions dimmed" : "sessions"} aria-busy={dimmed}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {group.headers.map((header) => (
                <th key={header.id} scope="col" className={`cell-${header.column.id}`}>
                  {flexRender(header.column.columnDef.header, header.getContext())}
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row) => (
            <tr
              key={row.id}
              tabIndex={0}
              data-testid="session-row"
              data-session-id={row.id}
              data-status={row.original.status}
              onClick={() => {
                open(row.id);
              }}
              onKeyDown={(event) => {
                onRowKey(event, () => {
                  open(row.id);
                });
              }}
            >
              {row.getVisibleCells().map((cell) => (
                <td key={cell.id} className={`cell-${cell.column.id}`}>
                  {flexRender(cell.column.columnDef.cell, cell.getContext())}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Enter opens a row, up and down walk through them. Keys pressed on a button in the row are the button's. */
function onRowKey(event: KeyboardEvent<HTMLTableRowElement>, open: () => void): void {
  if (event.target !== event.currentTarget) return;
  if (event.key === "Enter") {
    event.preventDefault();
    open();
    return;
  }
  const row = event.currentTarget;
  const next =
    event.key === "ArrowDown"
      ? row.nextElementSibling
      : event.key === "ArrowUp"
        ? row.previousElementSibling
        : null;
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}
