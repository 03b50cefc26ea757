// The numbers of missing batches as a person would say them. Pure.

/** [3, 4, 5, 9] → "3–5, 9" */
export function inRuns(seqs: readonly number[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const seq of [...seqs].sort((one, other) => one - other)) {
    const last = runs.at(-1);
    if (last !== undefined && seq <= last.to + 1) last.to = seq;
    else runs.push({ from: seq, to: seq });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
}
