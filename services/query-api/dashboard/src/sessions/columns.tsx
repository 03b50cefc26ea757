// The columns of the list, and what each draws of a session. Which of them there is room for, the style
// sheet says.
import { createColumnHelper } from "@tanstack/react-table";
import type { Session } from "../api/types";
import { count } from "../format/number";
import { duration } from "../format/time";
import { Agent, Country } from "./Agent";
import { FrictionBadges } from "./friction/FrictionBadges";
import { LandingPage } from "./LandingPage";
import { PlayButton } from "./PlayButton";
import { StartedAt } from "./StartedAt";
import { StatusBadge } from "./StatusBadge";

const column = createColumnHelper<Session>();

export const COLUMNS = [
  column.display({
    id: "play",
    header: () => <span className="unseen">Play</span>,
    cell: ({ row }) => <PlayButton session={row.original} />,
  }),
  column.accessor("landing_url", {
    id: "session",
    header: "Session",
    cell: ({ row }) => <LandingPage session={row.original} />,
  }),
  column.display({
    id: "friction",
    header: "Friction",
    cell: ({ row }) => <FrictionBadges session={row.original} />,
  }),
  column.accessor("started_at", {
    id: "started",
    header: "Started",
    cell: ({ getValue }) => <StartedAt at={getValue()} />,
  }),
  column.accessor("duration_ms", {
    id: "duration",
    header: "Duration",
    cell: ({ getValue }) => <span data-testid="duration">{duration(getValue())}</span>,
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
    header: "Browser",
    cell: ({ row }) => <Agent session={row.original} />,
  }),
  column.accessor("country", {
    id: "country",
    header: "Country",
    cell: ({ getValue }) => <Country code={getValue()} />,
  }),
];
