// Counts and sizes as people read them.
import { onFirstUse } from "./onFirstUse";

const whole = onFirstUse(() => new Intl.NumberFormat("en"));
const short = onFirstUse(
  () => new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }),
);

/** "12,345" */
export function count(value: number): string {
  return whole().format(value);
}

/** Big figures short enough for a tile, "1.2M"; below a million every digit. */
export function bigCount(value: number): string {
  return value < 1_000_000 ? whole().format(value) : short().format(value);
}

/** "1 event", "2,000 events" */
export function counted(value: number, noun: string): string {
  return `${whole().format(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** "1.3 MB", in powers of 1,000 */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < units.length - 1) {
    value /= 1_000;
    step += 1;
  }
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step] ?? ""}`;
}
