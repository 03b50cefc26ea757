// What comes at once and is much to draw is drawn in steps, between which the browser does other things.
import { useDeferredValue } from "react";

/** Whether there is something to draw: from when it is there, but drawn in steps the first time. */
export function useInSteps(there: boolean): boolean {
  return useDeferredValue(there, false) && there;
}
