// The code of the replay. The player is most of the dashboard and none of the list, so it is loaded when somebody is
// about to open a replay: while their pointer comes to rest on a row, it arrives.
import { sheetsAhead } from "./style-sheets/SheetsAhead";

type Code = typeof import("./Replay");

let loaded: Code | null = null;
let loading: Promise<Code> | null = null;

/** What is there of it now, without a wait. */
export function loadedReplay(): Code | null {
  return loaded;
}

/** Rejects where it cannot be had; asked again, it is tried again. */
export function loadReplay(): Promise<Code> {
  loading ??= import("./Replay").then(
    (code) => (loaded = code),
    (error: unknown) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** Somebody may be about to open a replay. Where it fails, opening it will say so. */
export function expectReplay(): void {
  loadReplay().catch(() => undefined);
  sheetsAhead.expect();
}
