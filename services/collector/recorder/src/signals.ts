// What the browser asks for on the visitor's behalf. Pure.

/** Global Privacy Control, and the older Do Not Track. */
export type Signal = "gpc" | "dnt";

export interface BrowserSignals {
  globalPrivacyControl?: boolean;
  doNotTrack?: string | null;
}

/** Does the browser send one of the signals that the site honours? */
export function asksForPrivacy(honoured: readonly Signal[], browser: BrowserSignals): boolean {
  return honoured.some((signal) =>
    signal === "gpc"
      ? browser.globalPrivacyControl === true
      : browser.doNotTrack === "1" || browser.doNotTrack === "yes",
  );
}
