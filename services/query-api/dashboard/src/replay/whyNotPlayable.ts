// Why a session or window cannot be played yet, in words for the person who would like to.
import type { Session, SessionStatus, SessionWindow } from "../api/types";

// While a session is active what is missing may still come; afterwards only a late batch could bring it.
const WORDS: Record<NonNullable<Session["not_replayable_reason"]>, Record<SessionStatus, string>> = {
  no_events: {
    active: "No events have arrived yet.",
    completed: "No events arrived.",
  },
  no_meta: {
    active: "The size and address of the page have not arrived yet.",
    completed: "The size and address of the page never arrived.",
  },
  no_full_snapshot: {
    active: "No full snapshot of the page has arrived yet.",
    completed: "No full snapshot of the page ever arrived.",
  },
};

/** null when the session can be played. */
export function whyNotPlayable(
  session: Pick<Session, "replayable" | "not_replayable_reason" | "status">,
): string | null {
  if (session.replayable) return null;
  return WORDS[session.not_replayable_reason ?? "no_full_snapshot"][session.status];
}

export function whyWindowNotPlayable(window: Pick<SessionWindow, "playable_at">): string | null {
  return window.playable_at === null ? "No full snapshot of this window's page has arrived." : null;
}

/** Why what a window holds before its first full snapshot does not play; null where all of it does. */
export function whyNotFromBeginning(window: Pick<SessionWindow, "playability">): string | null {
  if (window.playability.from_at === null) return null;
  if (window.playability.reason === "first_part_missing") return "The first part of this window is lost.";
  if (window.playability.reason === "no_full_snapshot_at_beginning") {
    return "The recorder took no full snapshot at the beginning of this window.";
  }
  return null;
}

/** The window that a replay opens with: the one asked for if there is one, else the first that can play. */
export function chooseWindow(windows: readonly SessionWindow[], asked: string | null): SessionWindow | null {
  const ordered = inTimeOrder(windows);
  return (
    ordered.find((window) => window.window_id === asked) ??
    ordered.find((window) => window.playable_at !== null) ??
    ordered[0] ??
    null
  );
}

export function inTimeOrder(windows: readonly SessionWindow[]): SessionWindow[] {
  return [...windows].sort((one, other) => one.first_at - other.first_at);
}
