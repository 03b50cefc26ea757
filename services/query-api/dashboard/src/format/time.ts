// Moments and durations as people read them. Pure: the present moment is handed in.
import { onFirstUse } from "./onFirstUse";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const relative = onFirstUse(() => new Intl.RelativeTimeFormat("en", { numeric: "auto" }));
const moment = (options: Intl.DateTimeFormatOptions) =>
  onFirstUse(() => new Intl.DateTimeFormat("en-GB", options));
const exact = moment({
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});
const exactClock = moment({ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });
const clock = moment({ hour: "2-digit", minute: "2-digit" });
const day = moment({ day: "numeric", month: "short" });
const dayAndYear = moment({ day: "numeric", month: "short", year: "numeric" });

/** "12 seconds ago", "yesterday"; from a week back on the date itself. */
export function relativeTime(at: number, now: number): string {
  // A visitor's clock may run ahead of ours: what is "in 3 seconds" has just happened.
  const ago = Math.max(0, now - at);
  if (ago < 5_000) return "just now";
  if (ago < MINUTE_MS) return relative().format(-Math.floor(ago / 1_000), "second");
  if (ago < HOUR_MS) return relative().format(-Math.floor(ago / MINUTE_MS), "minute");
  if (ago < DAY_MS) return relative().format(-Math.floor(ago / HOUR_MS), "hour");
  if (ago < 7 * DAY_MS) return relative().format(-Math.floor(ago / DAY_MS), "day");
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return (sameYear ? day : dayAndYear)().format(at);
}

/** Date, time to the second and zone, in the reader's own zone. */
export function exactTime(at: number): string {
  return exact().format(at);
}

/** To the second and with its zone; with the date only where it is another day than `now`: "14:03:12 CET". */
export function asOf(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  return (sameDay ? exactClock : exact)().format(at);
}

export function clockTime(at: number): string {
  return clock().format(at);
}

/** A place on the timeline: "0:07", "12:30", "1:02:03". */
export function position(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** A length of time: "850 ms", "12 s", "3 min 5 s", "2 h 10 min". */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** The same for a screen reader: "1 minute 5 seconds". */
export function spokenPosition(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 3_600), "hour"],
    [Math.floor(seconds / 60) % 60, "minute"],
    [seconds % 60, "second"],
  ];
  const said = parts.filter(([value, unit]) => value > 0 || (unit === "second" && seconds === 0));
  return said.map(([value, unit]) => `${value} ${unit}${value === 1 ? "" : "s"}`).join(" ");
}
