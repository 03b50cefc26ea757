// Decides when the list is held still: while the reader points at it, touches it, has the focus in it or has
// scrolled.
import { type FocusEvent, type PointerEvent, useEffect, useState } from "react";
import type { Session } from "../api/types";
import { type Held, type Split, splitAt } from "./heldList";

/** A finger leaves the screen between two touches; this long the list stays as it was touched. */
const AFTER_TOUCH_MS = 15_000;

interface HeldList extends Split {
  showWaiting: () => void;
  /** For the element around the list. */
  holding: {
    onPointerEnter: (event: PointerEvent) => void;
    onPointerLeave: () => void;
    onPointerDown: (event: PointerEvent) => void;
    onFocus: () => void;
    onBlur: (event: FocusEvent) => void;
  };
}

/**
 * @param scope names what is listed; a list of something else is not held where the one before was
 * @param newestFirst whether what is new is on top; else there is no place above which it could wait
 */
export function useHeldList(sessions: Session[], scope: string, newestFirst: boolean): HeldList {
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  const [touches, setTouches] = useState(0);
  const scrolled = useScrolled();
  const [held, setHeld] = useState<{ scope: string; top: Held } | null>(null);

  useEffect(() => {
    if (touches === 0) return undefined;
    const timer = setTimeout(() => {
      setTouches(0);
    }, AFTER_TOUCH_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [touches]);

  const hold = newestFirst && (hovered || focused || scrolled || touches > 0);
  const [top] = sessions;
  if (hold && held?.scope !== scope && top !== undefined) setHeld({ scope, top });
  if (!hold && held !== null) setHeld(null);

  return {
    ...splitAt(hold && held?.scope === scope ? held.top : null, sessions),
    showWaiting: () => {
      setHeld(null);
      window.scrollTo({ top: 0 });
    },
    holding: {
      onPointerEnter: ({ pointerType }) => {
        if (pointerType !== "touch") setHovered(true);
      },
      onPointerLeave: () => {
        setHovered(false);
      },
      onPointerDown: ({ pointerType }) => {
        if (pointerType === "touch") setTouches((before) => before + 1);
      },
      onFocus: () => {
        setFocused(true);
      },
      onBlur: (event) => {
        if (!staysIn(event)) setFocused(false);
      },
    },
  };
}

/** The focus went to another part of the list, to a replay that gives it back, or with the whole window. */
function staysIn({ currentTarget, relatedTarget }: FocusEvent): boolean {
  return (
    (relatedTarget instanceof Node && currentTarget.contains(relatedTarget)) ||
    currentTarget.contains(document.activeElement) ||
    document.querySelector("dialog[open]") !== null
  );
}

function useScrolled(): boolean {
  const [scrolled, setScrolled] = useState(() => window.scrollY > 0);
  useEffect(() => {
    const look = () => {
      setScrolled(window.scrollY > 0);
    };
    window.addEventListener("scroll", look, { passive: true });
    return () => {
      window.removeEventListener("scroll", look);
    };
  }, []);
  return scrolled;
}
