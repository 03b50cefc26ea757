// The ids by which a row is named and described from its cells.

export const landingId = (session: string): string => `landing-${session}`;
export const reasonId = (session: string): string => `why-${session}`;
export const cellId = (column: string, session: string): string => `${column}-${session}`;

/** What is read out when a row gets the focus; the rest is in its cells. */
export function namedBy(session: string): string {
  const cells = ["started", "duration", "events", "status", "friction"];
  return [landingId(session), ...cells.map((column) => cellId(column, session))].join(" ");
}
