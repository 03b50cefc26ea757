// What only stands beside the recorded page, or comes behind what is shown of it, waits until that is on the screen.
import { useEffect, useState } from "react";

/** Until the browser has painted what there is to paint now; in a tab that nobody sees, until somebody does. */
export function afterPaint(): Promise<void> {
  return new Promise((painted) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        painted();
      };
      port2.postMessage(null);
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
