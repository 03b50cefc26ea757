// The window: one tab's recorder, with the numbers (seq) of its batches. Both live in sessionStorage, so
// they go on from page to page of the tab; a number is never given out twice.
import { isId, newId } from "./ids";
import type { Store } from "./storage";

const WINDOW = "window";
const OPEN = "open";

export class TabWindow {
  private nextSeq = 0;

  private constructor(
    readonly id: string,
    private readonly store: Store,
  ) {}

  /**
   * The tab's window, or a new one. Duplicating a tab copies its sessionStorage while the first is open,
   * which the open mark tells; so does a crash, and then a new window costs nothing.
   */
  static open(store: Store): TabWindow {
    const copied = store.get(OPEN) !== null;
    const stored = copied ? null : read(store);
    const tab = new TabWindow(stored?.id ?? newId(), store);
    tab.nextSeq = stored?.nextSeq ?? 0;
    tab.store.set(OPEN, "1");
    tab.save();
    return tab;
  }

  /** The next batch's number. Storage counts too: a page that comes back from the back/forward cache missed some. */
  takeSeq(): number {
    const stored = read(this.store);
    const seq = stored?.id === this.id ? Math.max(this.nextSeq, stored.nextSeq) : this.nextSeq;
    this.nextSeq = seq + 1;
    this.save();
    return seq;
  }

  /** The page goes: the tab's next page may take the window over. */
  leave(): void {
    this.store.remove(OPEN);
  }

  /** The page is shown again (back/forward cache). */
  comeBack(): void {
    this.store.set(OPEN, "1");
  }

  forget(): void {
    this.store.remove(OPEN);
    this.store.remove(WINDOW);
  }

  private save(): void {
    const kept = this.store.set(WINDOW, JSON.stringify({ id: this.id, nextSeq: this.nextSeq }));
    // An old count left behind would give a number out twice; without one the next page is a new window.
    if (!kept) this.store.remove(WINDOW);
  }
}

function read(store: Store): { id: string; nextSeq: number } | null {
  const text = store.get(WINDOW);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as { id?: unknown; nextSeq?: unknown } | null;
    const { id, nextSeq } = value ?? {};
    if (isId(id) && typeof nextSeq === "number" && Number.isSafeInteger(nextSeq) && nextSeq >= 0)
      return { id, nextSeq };
  } catch {
    // Not ours, or edited: a new window.
  }
  return null;
}
