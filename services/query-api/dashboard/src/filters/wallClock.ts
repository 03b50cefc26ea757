// A moment as a field for date and time has it: what a clock on the reader's wall shows, "2026-11-24T09:00:00".

export function onTheWall(at: number): string {
  const moment = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${String(moment.getFullYear()).padStart(4, "0")}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${date}T${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

/** ms since the epoch, or null where it is none. Of a time that comes twice, the first; one that the clock skips is as
 *  long after the change. */
export function fromTheWall(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)) return null;
  // Without a zone it is read in the reader's own.
  const at = Date.parse(text);
  return Number.isNaN(at) || at < 0 ? null : at;
}
