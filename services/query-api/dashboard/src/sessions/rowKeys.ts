// Which row a key leads to. Pure.

/** The index of the row to go to from `index`; null where the key is not one that walks through rows. */
export function rowFor(key: string, index: number, count: number, rowsPerPage: number): number | null {
  const last = count - 1;
  const within = (wanted: number): number => Math.min(last, Math.max(0, wanted));
  switch (key) {
    case "ArrowDown":
      return within(index + 1);
    case "ArrowUp":
      return within(index - 1);
    case "PageDown":
      return within(index + Math.max(1, rowsPerPage));
    case "PageUp":
      return within(index - Math.max(1, rowsPerPage));
    case "Home":
      return within(0);
    case "End":
      return last;
    default:
      return null;
  }
}

/** The rows to draw: those in sight, and the `kept` ones wherever they are. Each once, in order. */
export function drawnRows(inSight: readonly number[], kept: readonly number[], count: number): number[] {
  const drawn = new Set([...inSight, ...kept].filter((index) => index >= 0 && index < count));
  return [...drawn].sort((one, other) => one - other);
}
