// The address bar as React state: every change is a place the back button returns to.
import { useMemo, useSyncExternalStore } from "react";
import { type Address, EMPTY, formatAddress, parseAddress, readAddress } from "./address";
import type { Ignored } from "./filtersInAddress";

const CHANGED = "playhead:address";

/** Marks a history entry of ours that has the list right behind it. */
interface Entry {
  overList: boolean;
}

function subscribe(changed: () => void): () => void {
  window.addEventListener("popstate", changed);
  window.addEventListener(CHANGED, changed);
  return () => {
    window.removeEventListener("popstate", changed);
    window.removeEventListener(CHANGED, changed);
  };
}

const current = (): string => window.location.pathname + window.location.search;

function move(how: "push" | "replace", address: Address, entry: Entry): void {
  // What a link has behind the # opens it, also when the page is loaded again.
  const href = formatAddress(address) + window.location.hash;
  if (how === "push") window.history.pushState(entry, "", href);
  else window.history.replaceState(entry, "", href);
  window.dispatchEvent(new Event(CHANGED));
}

function isOverList(): boolean {
  return (window.history.state as Partial<Entry> | null)?.overList === true;
}

export interface Navigation {
  address: Address;
  /** What the address asks for and cannot have; it is shown without. */
  ignored: Ignored[];
  /** Shows other sessions. Back shows those before, so that a filter too much is undone by it. */
  filter: (change: Pick<Partial<Address>, "connection" | "filters" | "order">) => void;
  /** Writes the address as it was understood. */
  settle: () => void;
  openSession: (session: string) => void;
  /** Another session in the place of the open one: back leads to the list, not through all that were looked at. */
  showSession: (session: string) => void;
  /** Goes back to the list, also when the replay was opened by its address. */
  closeSession: () => void;
  /** `at`: the moment to open it at, ms since the epoch; without one it plays from its beginning. */
  showWindow: (window: string, at?: number) => void;
}

/** What the address asks for in the list. */
interface Listed extends Pick<Address, "connection" | "filters" | "order"> {
  ignored: Ignored[];
}

const addressNow = (): Address => parseAddress(window.location);

// Each reads the address when it is called, so that it is the same function whatever the address is.
const steps: Omit<Navigation, "address" | "ignored"> = {
  filter: (change) => {
    const before = addressNow();
    const next = { ...before, ...change };
    // What changes nothing is no place to come back to.
    move(formatAddress(next) === formatAddress(before) ? "replace" : "push", next, { overList: false });
  },
  settle: () => {
    const entry = window.history.state as Partial<Entry> | null;
    move("replace", addressNow(), { overList: entry?.overList === true });
  },
  openSession: (session) => {
    move("push", { ...addressNow(), session, window: null, at: null }, { overList: true });
  },
  closeSession: () => {
    if (isOverList()) {
      window.history.back();
      return;
    }
    const { connection, filters, order } = addressNow();
    move("replace", { ...EMPTY, connection, filters, order }, { overList: false });
  },
  showWindow: (name, at) => {
    move("replace", { ...addressNow(), window: name, at: at ?? null }, { overList: isOverList() });
  },
  showSession: (session) => {
    move("replace", { ...addressNow(), session, window: null, at: null }, { overList: isOverList() });
  },
};

export function useAddress(): Navigation {
  const href = useSyncExternalStore(subscribe, current);
  const { address, ignored } = useMemo(() => readAddress(new URL(href, window.location.origin)), [href]);
  const { connection, filters, order } = address;
  // A replay that is opened over the list asks for nothing else in it: what the list is given stays the same.
  const listed = JSON.stringify({ connection, filters, order, ignored } satisfies Listed);
  const list = useMemo(() => JSON.parse(listed) as Listed, [listed]);
  return useMemo(
    () => ({
      address: { ...address, filters: list.filters, order: list.order },
      ignored: list.ignored,
      ...steps,
    }),
    [address, list],
  );
}
