// Storage that may be blocked or full, with the page's memory behind it: what was set is there as long as the page.
import type { Store } from "./storage";

export function withMemory(store: Store): Store {
  const memory = new Map<string, string>();
  return {
    get: (name) => memory.get(name) ?? store.get(name),
    set(name, value) {
      const kept = store.set(name, value);
      if (kept) memory.delete(name);
      else memory.set(name, value);
      return kept;
    },
    remove(name) {
      memory.delete(name);
      store.remove(name);
    },
  };
}
