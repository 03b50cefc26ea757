// Which sessions are asked for, and in which order: one value for the list, its totals and the chart. Pure.
import type { SessionsAsked, SessionStatus, StatsAsked } from "../api/types";

export type Friction = NonNullable<SessionsAsked["has"]>[number];

/** When sessions started: in the time up to now, or between two moments (ms since the epoch; `to` is not part). */
export type TimeRange =
  { kind: "last"; last: Last } | { kind: "between"; from: number | null; to: number | null };

export const LAST_MS = {
  "15m": 15 * 60_000,
  "1h": 3_600_000,
  "24h": 24 * 3_600_000,
  "7d": 7 * 24 * 3_600_000,
  "30d": 30 * 24 * 3_600_000,
} as const;
export type Last = keyof typeof LAST_MS;

/** All that are given must hold; null and the empty list ask for nothing. */
export interface Filters {
  status: SessionStatus | null;
  time: TimeRange | null;
  /** Part of the address of a page that the session came to. */
  url: string | null;
  /** Any of these whole names; upper and lower case are one. So for the next two. */
  browsers: readonly string[];
  oses: readonly string[];
  /** ISO 3166-1 alpha-2, in upper case. */
  countries: readonly string[];
  /** The whole visitor_id. */
  visitor: string | null;
  minDurationMs: number | null;
  minEvents: number | null;
  replayable: boolean | null;
  /** Each of these, in the order of FRICTIONS. */
  has: readonly Friction[];
}

export const NO_FILTERS: Filters = {
  status: null,
  time: null,
  url: null,
  browsers: [],
  oses: [],
  countries: [],
  visitor: null,
  minDurationMs: null,
  minEvents: null,
  replayable: null,
  has: [],
};

export interface Order {
  sort: NonNullable<SessionsAsked["sort"]>;
  direction: NonNullable<SessionsAsked["direction"]>;
}

export const NEWEST_FIRST: Order = { sort: "started_at", direction: "desc" };

export const FRICTIONS: readonly Friction[] = ["rage_click", "dead_click", "error"];

// What the query API takes.
export const MOST_NAMES = 20;
export const LONGEST_NAME = 64;
export const LONGEST_URL = 1_000;
export const LONGEST_VISITOR = 256;
export const LATEST_AT = 10_413_791_999_999;

export function isFiltered(filters: Filters): boolean {
  return JSON.stringify(filters) !== JSON.stringify(NO_FILTERS);
}

/** The text, if it has no more characters; the API counts them as code points. */
export function noLongerThan(most: number): (text: string) => string | null {
  return (text) => (Array.from(text).length <= most ? text : null);
}

/** Each name once, whatever its case, as it was written first. */
export function distinct(names: readonly string[]): string[] {
  const lower = names.map((name) => name.toLowerCase());
  return names.filter((_, at) => lower.indexOf(lower[at] ?? "") === at);
}

/** From when to when that is, if now is `now`; null where it is open. */
export function bounds(time: TimeRange | null, now: number): { from: number | null; to: number | null } {
  if (time === null) return { from: null, to: null };
  return time.kind === "between"
    ? { from: time.from, to: time.to }
    : { from: now - LAST_MS[time.last], to: null };
}

/** As the query API asks for them. */
export function parametersOf(filters: Filters, now: number): SessionsAsked & StatsAsked {
  const { from, to } = bounds(filters.time, now);
  return {
    status: filters.status,
    from,
    to,
    url: filters.url,
    visitor: filters.visitor,
    browser: [...filters.browsers],
    os: [...filters.oses],
    country: [...filters.countries],
    min_duration: filters.minDurationMs,
    min_events: filters.minEvents,
    replayable: filters.replayable,
    has: [...filters.has],
  };
}
