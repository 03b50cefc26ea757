// A country's name from its code.
import { onFirstUse } from "./onFirstUse";

const regions = onFirstUse(() => new Intl.DisplayNames("en", { type: "region", fallback: "none" }));

/** "NL" → "Netherlands"; undefined where the code is no country's. */
export function countryOfCode(code: string): string | undefined {
  return regions().of(code);
}

/** The same; what is no ISO 3166-1 alpha-2 code stays as it is, and none is "Unknown". */
export function countryName(code: string): string {
  if (code === "") return "Unknown";
  return /^[A-Z]{2}$/.test(code) ? (countryOfCode(code) ?? code) : code;
}
