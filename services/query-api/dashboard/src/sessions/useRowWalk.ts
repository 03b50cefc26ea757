// The keyboard's way through the list: one row is the tab stop, keys move that on, and the focus goes along.
import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { rowFor } from "./rowKeys";

interface Way {
  grid: RefObject<HTMLElement | null>;
  /** The sessions' ids in the order of the rows. */
  ids: readonly string[];
  /** How many rows a page key passes. */
  rowsPerPage: () => number;
  open: (session: string) => void;
}

interface RowWalk {
  /** The row that is the tab stop; 0 until the reader has been in the list. */
  active: number;
  /** Makes a row the tab stop; with `focus` the focus goes to it, too. */
  goTo: (session: string, focus: boolean) => void;
  onFocus: (event: FocusEvent) => void;
  onBlur: (event: FocusEvent) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function useRowWalk({ grid, ids, rowsPerPage, open }: Way): RowWalk {
  const [place, setPlace] = useState<{ session: string; index: number } | null>(null);
  const [wish, setWish] = useState<{ session: string } | null>(null);
  const hadFocus = useRef(false);

  const known = place === null ? -1 : ids.indexOf(place.session);
  const active = known >= 0 ? known : Math.min(place?.index ?? 0, Math.max(0, ids.length - 1));
  const activeId = ids[active];
  // Rows above come and go; of a row that is gone itself the one in its place takes over.
  if (place !== null && activeId !== undefined && (place.session !== activeId || place.index !== active)) {
    setPlace({ session: activeId, index: active });
  }

  const goTo = (session: string, focus: boolean): void => {
    setPlace({ session, index: ids.indexOf(session) });
    if (focus) setWish({ session });
  };

  useLayoutEffect(() => {
    if (wish === null) return;
    const row = rowOf(grid.current, wish.session);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }, [grid, wish]);

  // The browser drops the focus with the element that had it.
  useLayoutEffect(() => {
    const list = grid.current;
    if (list === null) return;
    if (hadFocus.current && document.activeElement === document.body && activeId !== undefined) {
      rowOf(list, activeId)?.focus({ preventScroll: true });
    }
    hadFocus.current = list.contains(document.activeElement);
  });

  return {
    active,
    goTo,
    onFocus: ({ target }) => {
      hadFocus.current = true;
      const session = target.closest<HTMLElement>("[data-session-id]")?.dataset.sessionId;
      if (session !== undefined && session !== place?.session) goTo(session, false);
    },
    onBlur: ({ currentTarget, relatedTarget }) => {
      hadFocus.current = relatedTarget instanceof Node && currentTarget.contains(relatedTarget);
    },
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const target = event.target as HTMLElement;
      const row = target.closest<HTMLElement>("[data-session-id]");
      const session = row?.dataset.sessionId;
      if (row === null || session === undefined) return;
      if (event.key === "Enter" && target === row) {
        event.preventDefault();
        open(session);
        return;
      }
      if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
        event.preventDefault();
        besides(row, target, event.key === "ArrowRight" ? 1 : -1)?.focus();
        return;
      }
      const next = rowFor(event.key, ids.indexOf(session), ids.length, rowsPerPage());
      const to = next === null ? undefined : ids[next];
      if (to === undefined) return;
      event.preventDefault();
      goTo(to, true);
    },
  };
}

/** The row of a session, if it is drawn. */
export function rowOf(grid: HTMLElement | null, session: string): HTMLElement | null {
  return grid?.querySelector<HTMLElement>(`[data-session-id="${CSS.escape(session)}"]`) ?? null;
}

/** The row and what can be focused in it, from left to right. */
function besides(row: HTMLElement, from: HTMLElement, step: 1 | -1): HTMLElement | undefined {
  const stops = [row, ...row.querySelectorAll<HTMLElement>("[data-stop]")];
  return stops[stops.indexOf(from) + step];
}
