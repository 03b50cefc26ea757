// A country's name from its code.

const names = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** "NL" → "Netherlands"; what is no code is shown as it is, and none is "Unknown". */
export function countryName(code: string): string {
  if (code === "") return "Unknown";
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
}
