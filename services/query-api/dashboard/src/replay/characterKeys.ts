// Whether letters and signs are shortcuts. They can be turned off (WCAG 2.1.4); the choice is kept in this browser.
import { useCallback, useState } from "react";

const KEPT_AS = "playhead:character-keys";

function kept(): boolean {
  try {
    return window.localStorage.getItem(KEPT_AS) !== "off";
  } catch {
    return true;
  }
}

export function useCharacterKeys(): [on: boolean, turn: (on: boolean) => void] {
  const [on, setOn] = useState(kept);
  const turn = useCallback((wanted: boolean) => {
    setOn(wanted);
    try {
      if (wanted) window.localStorage.removeItem(KEPT_AS);
      else window.localStorage.setItem(KEPT_AS, "off");
    } catch {
      // A browser may be told to keep nothing; it holds while the replay is open.
    }
  }, []);
  return [on, turn];
}
