// What a page's own functions are, so that one can say which of them are others later.

export interface Difference {
  where: string;
  what: string;
}

/**
 * Runs in the page, so it may know nothing from outside of itself. "take" remembers every property of the window, of
 * its constructors and their prototypes, and of the objects that scripts like to patch; "compare" says which are not
 * the same any more: other values, other accessors, other flags, gone or new.
 */
export function fingerprint(action: "take" | "compare"): Difference[] {
  // A descriptor whose functions are compared, and never called.
  type Seen = Map<string, Record<string, unknown>>;
  const keeper = window as unknown as { fingerprintTaken?: Seen };
  const seen: Seen = new Map();
  const look = (name: string, target: object) => {
    for (const key of Reflect.ownKeys(target)) {
      const descriptor = Object.getOwnPropertyDescriptor(target, key);
      if (descriptor !== undefined) seen.set(`${name}.${String(key)}`, { ...descriptor });
    }
  };
  const objects = {
    document,
    history,
    console,
    navigator,
    location,

    performance,
    fonts: document.fonts,
  };
  for (const [name, object] of Object.entries(objects)) look(name, object);
  for (const key of Object.getOwnPropertyNames(window)) {
    const descriptor = Object.getOwnPropertyDescriptor(window, key);
    const value: unknown = descriptor?.value;
    // What scripts keep as data is not looked at, but for being there.
    if (typeof value !== "function" || descriptor === undefined) continue;
    seen.set(`window.${key}`, { ...descriptor });
    look(key, value);
    const prototype: unknown = (value as { prototype?: unknown }).prototype;
    if (typeof prototype === "object" && prototype !== null) look(`${key}.prototype`, prototype);
  }
  if (action === "take") {
    keeper.fingerprintTaken = seen;
    return [];
  }
  const before = keeper.fingerprintTaken ?? (new Map() as Seen);
  const differences: Difference[] = [];
  for (const where of new Set([...before.keys(), ...seen.keys()])) {
    const [old, now] = [before.get(where), seen.get(where)];
    const parts = ["value", "get", "set", "writable", "enumerable", "configurable"] as const;
    // Data of the page's objects, such as a text, may change; a function may not.
    const changed = parts.filter(
      (part) =>
        old?.[part] !== now?.[part] && [old?.[part], now?.[part]].some((one) => typeof one !== "number"),
    );
    if (old === undefined || now === undefined)
      differences.push({ where, what: old === undefined ? "new" : "gone" });
    else if (changed.length > 0) differences.push({ where, what: changed.join(", ") });
  }
  return differences;
}
