// Which key does what in a replay. Pure, so that the list of shortcuts can be read and tested in one place.

export type Command = { do: "toggle" } | { do: "seekBy"; ms: number } | { do: "seekTo"; part: 0 | 1 };

const STEP_MS = 5_000;
const LEAP_MS = 30_000;

const COMMANDS: Record<string, Command> = {
  " ": { do: "toggle" },
  k: { do: "toggle" },
  ArrowLeft: { do: "seekBy", ms: -STEP_MS },
  ArrowRight: { do: "seekBy", ms: STEP_MS },
  PageDown: { do: "seekBy", ms: -LEAP_MS },
  PageUp: { do: "seekBy", ms: LEAP_MS },
  Home: { do: "seekTo", part: 0 },
  End: { do: "seekTo", part: 1 },
};

export interface Key {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  target: EventTarget | null;
}

/** What a key press means to the replay; null leaves it to the element that has the focus. */
export function commandOf(press: Key): Command | null {
  if (press.altKey || press.ctrlKey || press.metaKey) return null;
  const command = COMMANDS[press.key];
  if (command === undefined) return null;
  const focused = press.target instanceof Element ? press.target : null;
  if (focused === null) return command;
  if (focused.matches("input[type=range]")) return command;
  // Whoever has just chosen a speed has the focus on it; only the arrows belong to the choice.
  if (focused.matches("input[type=radio]")) return command.do === "toggle" ? command : null;
  if (focused.closest("input, select, textarea, [role=tablist]") !== null) return null;
  // Space presses the button that has the focus, as everywhere.
  if (press.key === " " && focused.closest("button, a[href]") !== null) return null;
  return command;
}
