// The visitor: one browser, as far as its first-party localStorage remembers.
import { isId, newId } from "./ids";
import type { Store } from "./storage";

/** The visitor's id; where nothing can be stored it lasts as long as the page. */
export function visitorId(local: Store): string {
  const stored = local.get("visitor");
  if (isId(stored)) return stored;
  const id = newId();
  local.set("visitor", id);
  return id;
}

export function forgetVisitor(local: Store): void {
  local.remove("visitor");
}

/** A visitor's place in 0 ≤ x < 1, the same on every page, for sampling (FNV-1a, 32 bits). */
export function shareOf(visitor: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < visitor.length; i++) {
    hash = Math.imul(hash ^ visitor.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
}
