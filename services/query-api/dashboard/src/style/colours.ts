// Light or dark: as the system has it, or as the reader chose. The choice is kept in this browser.

export const COLOURS = ["system", "light", "dark"] as const;
export type Colours = (typeof COLOURS)[number];

const KEPT_AS = "playhead:colours";

export function coloursOf(kept: string | null): Colours {
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function keptColours(): Colours {
  try {
    return coloursOf(window.localStorage.getItem(KEPT_AS));
  } catch {
    return "system"; // A browser may be told to keep nothing.
  }
}

/** Shows the page in these colours from now on. */
export function applyColours(colours: Colours): void {
  const { dataset } = document.documentElement;
  if (colours === "system") delete dataset.colours;
  else dataset.colours = colours;
}

export function keepColours(colours: Colours): void {
  applyColours(colours);
  try {
    if (colours === "system") window.localStorage.removeItem(KEPT_AS);
    else window.localStorage.setItem(KEPT_AS, colours);
  } catch {
    // It holds until the page is closed.
  }
}
