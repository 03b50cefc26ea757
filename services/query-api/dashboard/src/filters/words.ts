// Filters as people read them. Pure.
import { countryOfCode } from "../format/country";
import { clockTime, exactTime } from "../format/time";
import type { Friction, Last, Order, TimeRange } from "./filters";

export const LAST_WORDS: Record<Last, string> = {
  "15m": "Last 15 minutes",
  "1h": "Last hour",
  "24h": "Last 24 hours",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};

export const FRICTION_WORDS: Record<Friction, string> = {
  rage_click: "Rage clicks",
  dead_click: "Dead clicks",
  error: "Errors",
};

export const ORDERS: { order: Order; words: string }[] = [
  { order: { sort: "started_at", direction: "desc" }, words: "Newest first" },
  { order: { sort: "started_at", direction: "asc" }, words: "Oldest first" },
  { order: { sort: "duration", direction: "desc" }, words: "Longest first" },
  { order: { sort: "duration", direction: "asc" }, words: "Shortest first" },
  { order: { sort: "events", direction: "desc" }, words: "Most events first" },
  { order: { sort: "events", direction: "asc" }, words: "Fewest events first" },
];

/** "Netherlands (NL)"; a code that is no country's stands alone. */
export function countryWords(code: string): string {
  const name = countryOfCode(code);
  return name === undefined ? code : `${name} (${code})`;
}

/** In the reader's time zone. */
export function timeWords(time: TimeRange): string {
  if (time.kind === "last") return LAST_WORDS[time.last];
  if (time.from === null) return time.to === null ? "Any time" : `Before ${exactTime(time.to)}`;
  if (time.to === null) return `From ${exactTime(time.from)}`;
  const sameDay = new Date(time.from).toDateString() === new Date(time.to).toDateString();
  return `${exactTime(time.from)} to ${sameDay ? clockTime(time.to) : exactTime(time.to)}`;
}

const UNITS: [string, number][] = [
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
  ["ms", 1],
];
const UNIT_MS: Record<string, number> = { ...Object.fromEntries(UNITS), m: 60_000, "": 1_000 };

/** "90 s", "2 min": the longest unit in which it is whole. What `spanOf` reads back. */
export function spanWords(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => ms > 0 && ms % each === 0) ?? ["s", 1_000];
  return `${ms / unitMs} ${unit}`;
}

/** ms, of "90", "90 s", "1.5 min", "2h"; without a unit, seconds. Null where it is no length of time. */
export function spanOf(text: string): number | null {
  const [, figure, unit] = /^\s*(\d{1,16}(?:\.\d{1,3})?)\s*(h|min|m|s|ms)?\s*$/i.exec(text) ?? [];
  if (figure === undefined) return null;
  const ms = Math.round(Number(figure) * (UNIT_MS[(unit ?? "").toLowerCase()] ?? 1_000));
  return Number.isSafeInteger(ms) ? ms : null;
}

/** A count, of "1500" or "1,500". Null where it is none. */
export function countOf(text: string): number | null {
  const digits = text.trim().replaceAll(/[,\s]/g, "");
  return /^\d{1,16}$/.test(digits) && Number.isSafeInteger(Number(digits)) ? Number(digits) : null;
}

let codes: Map<string, string> | null = null;

/** The code of a country, of its code or its English name, in any case. Two letters that are no country's are taken
 *  too: the edge that tells countries may know others. Null where it is none. */
export function countryOf(text: string): string | null {
  const asked = text.trim().toUpperCase();
  if (/^[A-Z]{2}$/.test(asked)) return asked;
  const inBrackets = /\(([A-Z]{2})\)$/.exec(asked)?.[1];
  return inBrackets ?? countries().get(asked) ?? null;
}

/** Codes by names in upper case. */
export function countries(): Map<string, string> {
  if (codes !== null) return codes;
  const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  codes = new Map();
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = countryOfCode(code)?.toUpperCase();
    // An old code has the name of the one that took its place, which the alphabet has at last or not: the first stays.
    if (name !== undefined && !codes.has(name)) codes.set(name, code);
  }
  return codes;
}
