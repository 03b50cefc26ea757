// A session's id cut into what is shown of it where there is little room.

export interface IdParts {
  start: string;
  /** Hidden where there is no room; empty in an id that is short anyway. */
  middle: string;
  end: string;
}

/** The start of an id is its time, so sessions of one minute share it; only the end tells them apart. */
export function idParts(id: string): IdParts {
  if (id.length <= 16) return { start: id, middle: "", end: "" };
  return { start: id.slice(0, 8), middle: id.slice(8, -4), end: id.slice(-4) };
}
