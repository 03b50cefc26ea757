// The script tag's entry: reads the tag, sets up window.playhead, and starts.
import { notice } from "./notice";
import { whenShown } from "./page";
import { safely } from "./safely";
import { readSettings } from "./settings";
import { alreadySetUp, setUp } from "./setUp";

safely("loading", () => {
  const tag = document.currentScript;
  if (alreadySetUp() !== null || !(tag instanceof HTMLScriptElement)) return;
  const settings = readSettings(tag);
  if (typeof settings === "string") {
    notice(settings);
    return;
  }
  const api = setUp(settings);
  if (settings.start === "manual" || api === null) return;
  whenShown(() => {
    api.start();
  });
})();
