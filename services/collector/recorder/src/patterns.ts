// Patterns that a site writes into the tag: plain text in which * stands for anything. Pure.

/** A list as people write it: separated by spaces, commas or lines. */
export function listOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== "");
}

/** Does one of the patterns match the whole text? Letters of any case are the same. */
export function matcherOf(patterns: readonly string[]): (text: string) => boolean {
  if (patterns.length === 0) return () => false;
  const sources = patterns.map((pattern) =>
    pattern
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*"),
  );
  const whole = new RegExp(`^(?:${sources.join("|")})$`, "is");
  return (text) => whole.test(text);
}
