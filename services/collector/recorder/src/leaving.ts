// What is done with unsent batches when the page goes. Pure.
import { bodyBytes, type Batch } from "./batch";

/** A browser takes 64 KiB in all for requests that outlive their page; some of it may be in use. */
export const KEPT_ALIVE_BYTES = 60_000;

/** Those that fit, the earlier first; one that is too large does not keep the later ones back. */
export function fitting(batches: readonly Batch[], budgetBytes: number): Batch[] {
  let left = budgetBytes;
  return batches.filter((batch) => {
    const bytes = bodyBytes(batch);
    if (bytes > left) return false;
    left -= bytes;
    return true;
  });
}

/** Cuts events into runs, in order, whose JSON arrays are at most so many bytes; a larger event stands alone. */
export function cut(events: readonly string[], maxBytes: number): string[][] {
  const encoder = new TextEncoder();
  const runs: string[][] = [];
  let run: string[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = encoder.encode(event).byteLength + 1;
    if (run.length > 0 && bytes + size > maxBytes - 1) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(event);
    bytes += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
