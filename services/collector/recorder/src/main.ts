// The script tag's entry: reads the tag, sets up window.playhead, and starts.
import { apiOf } from "./api";
import { withMemory } from "./memoryFallback";
import { notice } from "./notice";
import { whenShown } from "./page";
import { Recorder } from "./recorder";
import { safely } from "./safely";
import { readSettings } from "./settings";
import { asksForPrivacy } from "./signals";
import { browserStore, noStore } from "./storage";

safely("loading", () => {
  const tag = document.currentScript;
  // Own property: an element with the id "playhead" shows up on window, too.
  if (Object.prototype.hasOwnProperty.call(window, "playhead") || !(tag instanceof HTMLScriptElement)) return;
  const settings = readSettings(tag);
  if (typeof settings === "string") {
    notice(settings);
    return;
  }
  if (recordedFromOutside()) return;
  const framed = window !== window.top;
  const recorder = new Recorder(
    settings,
    {
      local: withMemory(browserStore("localStorage", settings.key)),
      session: framed ? noStore : browserStore("sessionStorage", settings.key),
    },
    asksForPrivacy(settings.signals, navigator),
  );
  window.playhead = apiOf(recorder);
  whenShown(
    safely("starting", () => {
      if (settings.start === "auto") recorder.start();
    }),
  );
})();

/** rrweb records frames of the page's own origin along with the page. */
function recordedFromOutside(): boolean {
  try {
    return window !== window.top && window.top?.playhead !== undefined;
  } catch {
    return false;
  }
}
