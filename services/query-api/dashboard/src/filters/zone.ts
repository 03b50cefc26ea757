// The reader's time zone: in which all times are shown, entered and cut into buckets.

/** IANA: "Europe/Vienna" */
export function readersZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** "Europe/Vienna (GMT+1)", as it is at a moment. */
export function zoneName(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(
    at,
  );
  const offset = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return offset === "" || offset === zone ? zone : `${zone} (${offset})`;
}
