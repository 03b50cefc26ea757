// Buckets of time as people read them, in the time zone that they were cut in. Pure.
import type { ActivityBucket, BucketLength } from "../api/types";

export interface BucketNames {
  /** "Tue, 24 Nov 2026, 10:00 – 11:00", "Tue, 24 Nov 2026", "Week of 23 Nov 2026", "November 2026" */
  whole: (bucket: ActivityBucket) => string;
  /** For the axis: "10:00", at midnight and for days "24 Nov", "Nov 2026", "2026" */
  short: (bucket: ActivityBucket) => string;
}

const WORDS: Record<BucketLength, string> = {
  PT1M: "minute",
  PT5M: "5 minutes",
  PT15M: "15 minutes",
  PT30M: "30 minutes",
  PT1H: "hour",
  PT3H: "3 hours",
  PT6H: "6 hours",
  PT12H: "12 hours",
  P1D: "day",
  P1W: "week",
  P1M: "month",
  P3M: "3 months",
  P1Y: "year",
};

/** "hour", "3 hours" */
export function lengthWords(length: BucketLength): string {
  return WORDS[length];
}

export function bucketNames(length: BucketLength, timeZone: string): BucketNames {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
    return (at: number) => formatter.format(at);
  };
  const clock = format({ hour: "2-digit", minute: "2-digit" });
  const dayInYear = format({ day: "numeric", month: "short" });
  const day = format({ day: "numeric", month: "short", year: "numeric" });
  const weekday = format({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const month = format({ month: "short", year: "numeric" });
  const year = format({ year: "numeric" });

  if (length.startsWith("PT")) {
    return {
      whole: ({ starts_at, ends_at }) => `${weekday(starts_at)}, ${clock(starts_at)} – ${clock(ends_at)}`,
      short: ({ starts_at }) => (clock(starts_at) === "00:00" ? dayInYear(starts_at) : clock(starts_at)),
    };
  }
  switch (length) {
    case "P1W":
      return {
        whole: ({ starts_at }) => `Week of ${day(starts_at)}`,
        short: ({ starts_at }) => dayInYear(starts_at),
      };
    case "P1M":
      return { whole: ({ starts_at }) => month(starts_at), short: ({ starts_at }) => month(starts_at) };
    case "P3M":
      return {
        whole: ({ starts_at, ends_at }) => `${month(starts_at)} – ${month(ends_at - 1)}`,
        short: ({ starts_at }) => month(starts_at),
      };
    case "P1Y":
      return { whole: ({ starts_at }) => year(starts_at), short: ({ starts_at }) => year(starts_at) };
    default:
      return { whole: ({ starts_at }) => weekday(starts_at), short: ({ starts_at }) => dayInYear(starts_at) };
  }
}
