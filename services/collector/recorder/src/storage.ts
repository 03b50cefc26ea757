// The browser's storage for one connection. It may be full, blocked or absent: nothing here throws, and
// every write says whether it lasted.

export interface Store {
  get(name: string): string | null;
  /** False where the value was not kept. */
  set(name: string, value: string): boolean;
  remove(name: string): void;
}

/** Keys are `playhead.<write key>.<name>`, so connections on one site do not meet. */
export function browserStore(kind: "localStorage" | "sessionStorage", key: string): Store {
  const full = (name: string) => `playhead.${key}.${name}`;
  return {
    get(name) {
      try {
        return window[kind].getItem(full(name));
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        window[kind].setItem(full(name), value);
        return true;
      } catch {
        return false;
      }
    },
    remove(name) {
      try {
        window[kind].removeItem(full(name));
      } catch {
        // Storage that cannot be reached holds nothing of ours.
      }
    },
  };
}

/** Keeps nothing: for a frame, which shares its tab's storage with other documents. */
export const noStore: Store = { get: () => null, set: () => false, remove: () => undefined };
