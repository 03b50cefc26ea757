// The page's life, told to the recorder.
import type { Recorder } from "./recorder";
import { safely } from "./safely";

/** @returns ends it */
export function followPage(recorder: Recorder): () => void {
  const ends: (() => void)[] = [];
  const on = (target: EventTarget, name: string, work: (event: Event) => void) => {
    const listener = safely(`${name} of the page`, work);
    target.addEventListener(name, listener, { capture: true });
    ends.push(() => {
      target.removeEventListener(name, listener, { capture: true });
    });
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
  // Another tab of the site: a no there is a no here.
  on(window, "storage", () => {
    recorder.saidElsewhere();
  });
  return () => {
    for (const end of ends) end();
  };
}

/** A page that is only prerendered is seen by nobody, and its storage is not the tab's yet. */
export function whenShown(work: () => void): void {
  if ((document as Document & { prerendering?: boolean }).prerendering === true) {
    document.addEventListener("prerenderingchange", work, { once: true });
  } else {
    work();
  }
}
