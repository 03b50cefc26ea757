// Waiting for what happens elsewhere, with a deadline that says what was missing.

export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  deadlineMs = 30_000,
): Promise<NonNullable<T>> {
  const giveUpAt = Date.now() + deadlineMs;
  for (;;) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (Date.now() > giveUpAt) throw new Error(`after ${deadlineMs} ms still not: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
