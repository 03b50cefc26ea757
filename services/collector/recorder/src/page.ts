// The page's life, told to the recorder.
import type { Recorder } from "./recorder";
import { safely } from "./safely";

export function followPage(recorder: Recorder): void {
  const on = (target: EventTarget, name: string, work: (event: Event) => void) => {
    target.addEventListener(name, safely(`${name} of the page`, work), { capture: true });
  };
  on(window, "pagehide", () => {
    recorder.leave();
  });
  on(window, "pageshow", (event) => {
    if ((event as PageTransitionEvent).persisted) recorder.comeBack();
  });
  on(document, "visibilitychange", () => {
    if (document.visibilityState === "hidden") recorder.hidden();
  });
  on(window, "online", () => {
    recorder.online();
  });
}

/** A page that is only prerendered is seen by nobody, and its storage is not the tab's yet. */
export function whenShown(work: () => void): void {
  if ((document as Document & { prerendering?: boolean }).prerendering === true) {
    document.addEventListener("prerenderingchange", work, { once: true });
  } else {
    work();
  }
}
