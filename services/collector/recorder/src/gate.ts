// May this visitor be recorded? Pure.
import type { ConnectionConfig } from "./connection";

export interface Facts {
  /** The site's `data-consent="required"`. */
  consentRequired: boolean;
  /** What the visitor said: null while they said nothing. */
  consent: boolean | null;
  /** `optOut()` was called, and no `optIn()` since. */
  optedOut: boolean;
  /** The browser asks for privacy with a signal that the site honours (signals.ts). */
  asksForPrivacy: boolean;
  /** The page is one that the site lets be recorded (pages.ts). */
  pageIsRecorded: boolean;
}

/** Why nothing may be recorded or stored; null where recording may begin. */
export function closedBecause(
  config: ConnectionConfig,
  facts: Facts,
): "not_recording" | "opted_out" | "page_excluded" | "consent_refused" | "consent_missing" | null {
  if (!config.record) return "not_recording";
  if (facts.optedOut) return "opted_out";
  if (!facts.pageIsRecorded) return "page_excluded";
  if (facts.consent === false) return "consent_refused";
  // A signal says no for whoever has not said yes to this very site.
  const needed = config.consent_required || facts.consentRequired || facts.asksForPrivacy;
  return needed && facts.consent !== true ? "consent_missing" : null;
}
