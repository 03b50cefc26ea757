// May this visitor be recorded? Pure.
import type { ConnectionConfig } from "./connection";

export interface Facts {
  /** The site's `data-consent="required"`. */
  consentRequired: boolean;
  /** What the visitor said: null while they said nothing. */
  consent: boolean | null;
  /** navigator.globalPrivacyControl */
  privacyControl: boolean;
}

/** Why nothing may be recorded or stored; null where recording may begin. */
export function closedBecause(
  config: ConnectionConfig,
  facts: Facts,
): "not_recording" | "consent_refused" | "consent_missing" | null {
  if (!config.record) return "not_recording";
  if (facts.consent === false) return "consent_refused";
  // Global Privacy Control says no for whoever has not said yes.
  const needed = config.consent_required || facts.consentRequired || facts.privacyControl;
  return needed && facts.consent !== true ? "consent_missing" : null;
}
