// What a session's friction is shown as: one sign a kind, those that there are. Pure.
import type { SessionFriction } from "../../api/types";
import { counted } from "../../format/number";

export type SignalKind = "rage" | "dead" | "back" | "error";

export interface Signal {
  kind: SignalKind;
  count: number;
  /** "3 rage clicks" */
  words: string;
}

const KINDS: { kind: SignalKind; of: keyof Omit<SessionFriction, "session_id">; noun: string }[] = [
  { kind: "rage", of: "rage_clicks", noun: "rage click" },
  { kind: "error", of: "errors", noun: "error" },
  { kind: "dead", of: "dead_clicks", noun: "dead click" },
  { kind: "back", of: "quick_backs", noun: "quick back" },
];

/** The graver ones first. */
export function signalsOf(friction: SessionFriction): Signal[] {
  return KINDS.filter(({ of }) => friction[of] > 0).map(({ kind, of, noun }) => ({
    kind,
    count: friction[of],
    words: counted(friction[of], noun),
  }));
}
