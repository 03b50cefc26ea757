// Decides when the list is held still: while the pointer is over it, and while it is scrolled.
import { useEffect, useState } from "react";
import type { Session } from "../api/types";
import { type Held, type Split, splitAt } from "./heldList";

interface HeldList extends Split {
  showWaiting: () => void;
  pointer: { onPointerEnter: () => void; onPointerLeave: () => void };
}

export function useHeldList(sessions: Session[]): HeldList {
  const [hovered, setHovered] = useState(false);
  const scrolled = useScrolled();
  const [held, setHeld] = useState<Held | null>(null);

  const hold = hovered || scrolled;
  const [top] = sessions;
  if (hold && held === null && top !== undefined) setHeld(top);
  if (!hold && held !== null) setHeld(null);

  return {
    ...splitAt(hold ? held : null, sessions),
    showWaiting: () => {
      setHeld(null);
      window.scrollTo({ top: 0 });
    },
    pointer: {
      onPointerEnter: () => {
        setHovered(true);
      },
      onPointerLeave: () => {
        setHovered(false);
      },
    },
  };
}

function useScrolled(): boolean {
  const [scrolled, setScrolled] = useState(false);
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
