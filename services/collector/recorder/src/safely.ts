// The page must never see an error of ours: every way in from the page goes through here.
import { notice } from "./notice";

/** The same function, with its errors told as a notice instead of thrown. */
export function safely<A extends unknown[]>(what: string, work: (...args: A) => void): (...args: A) => void {
  return (...args) => {
    try {
      work(...args);
    } catch (error) {
      notice(`${what} failed`, error);
    }
  };
}

/** Work that nobody waits for, with its error told as a notice instead of left to the page as unhandled. */
export function unawaited(what: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    notice(`${what} failed`, error);
  });
}
