// Functions of the page that the recorder stands in for while it records.

/**
 * Puts another function in the place of `target[name]`. Null where that could not be undone.
 *
 * @param standIn gets the page's own function, and must call it
 * @returns undoes it. Where someone has put their own function on top meanwhile, theirs stays: ours then only
 *   passes calls on, which is what `isOn` is asked for
 */
export function replaceFunction<K extends PropertyKey, F extends (...args: never[]) => unknown>(
  target: Record<K, F>,
  name: K,
  standIn: (own: F, isOn: () => boolean) => F,
): (() => void) | null {
  const before = Object.getOwnPropertyDescriptor(target, name);
  // Only a plain, writable function of the object itself comes back exactly as it was.
  if (typeof before?.value !== "function" || before.configurable !== true || before.writable !== true)
    return null;
  let on = true;
  const own = before.value as F;
  const ours = standIn(own, () => on);
  Object.defineProperty(target, name, { ...before, value: ours });
  return () => {
    on = false;
    if (Object.getOwnPropertyDescriptor(target, name)?.value === ours)
      Object.defineProperty(target, name, before);
  };
}
