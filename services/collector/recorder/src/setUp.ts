// One recorder for a page, whoever asks for it: the script's tag or the site's own bundle.
import { apiOf, type PlayheadApi } from "./api";
import { withMemory } from "./memoryFallback";
import { Recorder } from "./recorder";
import type { Settings } from "./settings";
import { asksForPrivacy } from "./signals";
import { browserStore, noStore } from "./storage";

/** Sets up window.playhead; null where the page is recorded from outside already. */
export function setUp(settings: Settings): PlayheadApi | null {
  if (recordedFromOutside()) return null;
  const framed = window !== window.top;
  const recorder = new Recorder(
    settings,
    {
      local: withMemory(browserStore("localStorage", settings.key)),
      session: framed ? noStore : browserStore("sessionStorage", settings.key),
    },
    asksForPrivacy(settings.signals, navigator),
  );
  return (window.playhead = apiOf(recorder));
}

/** What is set up already. An element with the id "playhead" shows up on window, too, but is no own property. */
export function alreadySetUp(): PlayheadApi | null {
  const own = Object.prototype.hasOwnProperty.call(window, "playhead");
  return own ? (window.playhead ?? null) : null;
}

/** rrweb records frames of the page's own origin along with the page. */
function recordedFromOutside(): boolean {
  try {
    return window !== window.top && window.top?.playhead !== undefined;
  } catch {
    return false;
  }
}
