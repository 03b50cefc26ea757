// The answers of the query API as the dashboard reads them.
// Times are ms since the epoch, durations ms, sizes bytes.
import type { eventWithTime } from "@rrweb/types";

export type SessionStatus = "active" | "completed";
export type CompletionReason = "inactivity" | "max_duration" | "ended";

export interface Account {
  name: string;
  tenant: string;
  role: string;
}

export interface Connection {
  id: string;
  name: string;
  created_at: number;
}

export interface Session {
  session_id: string;
  connection_id: string;
  visitor_id: string;
  started_at: number;
  first_event_at: number;
  last_event_at: number;
  duration_ms: number;
  status: SessionStatus;
  completed_at: number | null;
  completion_reason: CompletionReason | null;
  landing_url: string;
  user_agent: string;
  browser: string;
  os: string;
  device: string;
  country: string;
  events: number;
  batches: number;
  raw_bytes: number;
  replayable: boolean;
  not_replayable_reason: string | null;
}

export interface SessionWindow {
  window_id: string;
  first_at: number;
  last_at: number;
  skew_ms: number;
  events: number;
  batches: number;
  playable_at: number | null;
  missing: number;
  missing_seqs: number[];
  ended: boolean;
}

export interface SessionDetail extends Session {
  windows: SessionWindow[];
}

export interface SessionPage {
  sessions: Session[];
  next_cursor: string | null;
}

export interface SessionStats {
  total: number;
  active: number;
  completed: number;
  events: number;
}

export interface EventPage {
  events: eventWithTime[];
  next_cursor: string | null;
}
