// A country's name from its code.

const names = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** "NL" → "Netherlands"; what is no ISO 3166-1 alpha-2 code stays as it is, and none is "Unknown". */
export function countryName(code: string): string {
  if (code === "") return "Unknown";
  return /^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code;
}
