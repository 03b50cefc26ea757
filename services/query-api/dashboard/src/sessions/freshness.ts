// What is to be said of a list that could not be brought up to date. Pure.
import type { Problem } from "../api/problem";
import { asOf } from "../format/time";

interface Health {
  /** Whether the browser has a network at all. */
  online: boolean;
  problem: Problem | null;
  /** When the list was last answered, ms since the epoch. */
  updatedAt: number;
  now: number;
}

/** null while the list is up to date. */
export function staleness({ online, problem, updatedAt, now }: Health): string | null {
  const shown = `The list is as of ${asOf(updatedAt, now)}`;
  if (!online) return `You are offline. ${shown}; it is brought up to date when you are back.`;
  if (problem === null) return null;
  return `${problem.message}. ${shown}; asking again.`;
}
