// What only stands beside the recorded page, or comes behind what is shown of it, waits until that is on the screen.
import { useEffect, useState } from "react";

/** Until what there is to paint now has been on the screen for a frame; in a tab that nobody sees, until somebody does. */
export function afterPaint(): Promise<void> {
  return new Promise((painted) => {
    // The first frame is painted behind the first call, and on its way to the screen until the second.
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        setTimeout(painted);
      });
    });
  });
}

/** Whether something is shown, and has been painted. */
export function usePainted(shown: boolean): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    if (!shown) return undefined;
    let gone = false;
    void afterPaint().then(() => {
      if (!gone) setPainted(true);
    });
    return () => {
      gone = true;
      setPainted(false);
    };
  }, [shown]);
  return painted;
}
