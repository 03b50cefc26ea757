// What can happen in a session, in the words and groups in which the replay shows it.
import type { TimelineItem } from "../../api/types";

export type Kind = TimelineItem["kind"];
/** What is shown in one colour, and chosen or left out together. */
export type Group = "page" | "click" | "input" | "custom" | "friction" | "error";

interface Facts {
  name: string;
  group: Group;
  /** Of several in one place the one with the greatest weight is shown. */
  weight: number;
}

/** Idle stretches and changes of window are no moments that one jumps to, and have no entry. */
export const KINDS: Partial<Record<Kind, Facts>> = {
  input: { name: "Input", group: "input", weight: 1 },
  click: { name: "Click", group: "click", weight: 2 },
  page_view: { name: "Page view", group: "page", weight: 3 },
  custom: { name: "Event", group: "custom", weight: 4 },
  quick_back: { name: "Quick-back", group: "friction", weight: 5 },
  dead_click: { name: "Dead click", group: "friction", weight: 6 },
  rage_click: { name: "Rage click", group: "friction", weight: 7 },
  error: { name: "Error", group: "error", weight: 8 },
};
