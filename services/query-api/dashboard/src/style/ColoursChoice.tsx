// System, light or dark. Where there are several on the page, they say the same.
import { useSyncExternalStore } from "react";
import { applyColours, COLOURS, type Colours, coloursOf, keepColours, keptColours } from "./colours";

const NAMES: Record<Colours, string> = { system: "System colours", light: "Light", dark: "Dark" };
const CHANGED = "playhead:colours";

const shown = (): Colours => coloursOf(document.documentElement.dataset.colours ?? null);

function subscribe(changed: () => void): () => void {
  // Chosen in another tab.
  const elsewhere = () => {
    applyColours(keptColours());
    changed();
  };
  window.addEventListener(CHANGED, changed);
  window.addEventListener("storage", elsewhere);
  return () => {
    window.removeEventListener(CHANGED, changed);
    window.removeEventListener("storage", elsewhere);
  };
}

export function ColoursChoice() {
  const colours = useSyncExternalStore(subscribe, shown);
  return (
    <label className="colours">
      <span className="unseen">Colours</span>
      <select
        data-testid="colours"
        value={colours}
        onChange={(event) => {
          keepColours(coloursOf(event.target.value));
          window.dispatchEvent(new Event(CHANGED));
        }}
      >
        {COLOURS.map((each) => (
          <option key={each} value={each}>
            {NAMES[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
