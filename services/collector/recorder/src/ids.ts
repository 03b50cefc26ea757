// Ids of visitors and windows: 128 random bits in 22 characters of the collector's alphabet.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

export function newId(): string {
  // 22 × 6 bits; works on plain http too, where crypto.randomUUID does not exist.
  const bytes = crypto.getRandomValues(new Uint8Array(22));
  return Array.from(bytes, (byte) => ALPHABET[byte & 63]).join("");
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** Storage is the visitor's to edit: what comes from it is checked. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}
