// The address bar as React state: every change is a place the back button returns to.
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { type Address, EMPTY, formatAddress, readAddress } from "./address";
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

export function useAddress(): Navigation {
  const href = useSyncExternalStore(subscribe, current);
  const { address, ignored } = useMemo(() => readAddress(new URL(href, window.location.origin)), [href]);

  const filter = useCallback<Navigation["filter"]>(
    (change) => {
      const next = { ...address, ...change };
      // What changes nothing is no place to come back to.
      move(formatAddress(next) === formatAddress(address) ? "replace" : "push", next, { overList: false });
    },
    [address],
  );
  const settle = useCallback(() => {
    const entry = window.history.state as Partial<Entry> | null;
    move("replace", address, { overList: entry?.overList === true });
  }, [address]);
  const openSession = useCallback<Navigation["openSession"]>(
    (session) => {
      move("push", { ...address, session, window: null, at: null }, { overList: true });
    },
    [address],
  );
  const closeSession = useCallback<Navigation["closeSession"]>(() => {
    if (isOverList()) window.history.back();
    else
      move(
        "replace",
        { ...EMPTY, connection: address.connection, filters: address.filters, order: address.order },
        { overList: false },
      );
  }, [address]);
  const showWindow = useCallback<Navigation["showWindow"]>(
    (name, at) => {
      move("replace", { ...address, window: name, at: at ?? null }, { overList: isOverList() });
    },
    [address],
  );
  const showSession = useCallback<Navigation["showSession"]>(
    (session) => {
      move("replace", { ...address, session, window: null, at: null }, { overList: isOverList() });
    },
    [address],
  );

  return { address, ignored, filter, settle, openSession, showSession, closeSession, showWindow };
}
