// Which key does what in a replay. Pure, so that the list of shortcuts can be read, shown and tested in one place.

export type Command =
  | { do: "toggle" }
  | { do: "seekBy"; ms: number }
  | { do: "seekTo"; part: 0 | 1 }
  | { do: "previous" | "next" | "share" | "panel" | "help" };

export interface Shortcut {
  keys: readonly string[];
  /** The keys as they are called on a keyboard. */
  shown: readonly string[];
  says: string;
  command: Command;
}

const STEP_MS = 5_000;
const LEAP_MS = 30_000;

export const SHORTCUTS: readonly Shortcut[] = [
  { keys: [" ", "k"], shown: ["Space", "K"], says: "Play or pause", command: { do: "toggle" } },
  { keys: ["ArrowLeft"], shown: ["←"], says: "5 seconds back", command: { do: "seekBy", ms: -STEP_MS } },
  { keys: ["ArrowRight"], shown: ["→"], says: "5 seconds forward", command: { do: "seekBy", ms: STEP_MS } },
  {
    keys: ["PageDown"],
    shown: ["Page down"],
    says: "30 seconds back",
    command: { do: "seekBy", ms: -LEAP_MS },
  },
  {
    keys: ["PageUp"],
    shown: ["Page up"],
    says: "30 seconds forward",
    command: { do: "seekBy", ms: LEAP_MS },
  },
  { keys: ["Home"], shown: ["Home"], says: "To the beginning", command: { do: "seekTo", part: 0 } },
  { keys: ["End"], shown: ["End"], says: "To the end", command: { do: "seekTo", part: 1 } },
  { keys: ["p"], shown: ["P"], says: "Previous session of the list", command: { do: "previous" } },
  { keys: ["n"], shown: ["N"], says: "Next session of the list", command: { do: "next" } },
  { keys: ["s"], shown: ["S"], says: "Share at this time", command: { do: "share" } },
  { keys: ["i"], shown: ["I"], says: "Show or hide the panel", command: { do: "panel" } },
  { keys: ["?"], shown: ["?"], says: "This help", command: { do: "help" } },
];

const COMMANDS = new Map(
  SHORTCUTS.flatMap(({ keys, command }) => keys.map((key) => [key, command] as const)),
);

export interface Key {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  target: EventTarget | null;
}

/** Letters and signs, which who speaks to the machine may press without meaning to (WCAG 2.1.4). */
export function isCharacter(key: string): boolean {
  return key.length === 1 && key !== " ";
}

/** What a key press means to the replay; null leaves it to the element that has the focus. */
export function commandOf(press: Key, characters = true): Command | null {
  if (press.altKey || press.ctrlKey || press.metaKey) return null;
  if (!characters && isCharacter(press.key)) return null;
  const command = COMMANDS.get(isCharacter(press.key) ? press.key.toLowerCase() : press.key);
  if (command === undefined) return null;
  const focused = press.target instanceof Element ? press.target : null;
  if (focused === null) return command;
  // What is open over the replay has the keyboard for itself.
  if (focused.closest("dialog:not(.replay)") !== null) return null;
  if (focused.matches("input[type=range]")) return command;
  const isArrow = command.do === "seekBy" || command.do === "seekTo";
  // Whoever has just chosen a speed has the focus on it; only the arrows belong to the choice.
  if (focused.matches("input[type=radio]")) return isArrow ? null : command;
  if (focused.closest("input, select, textarea") !== null) return null;
  if (isArrow && focused.closest("[role=tablist], [role=listbox]") !== null) return null;
  // Space presses the button that has the focus, as everywhere.
  if (press.key === " " && focused.closest("button, a[href], [role=listbox]") !== null) return null;
  return command;
}
