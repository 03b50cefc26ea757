// What the site's owner wrote into the script tag. Pure: knows neither page nor network.
import { listOf } from "./patterns";
import type { Signal } from "./signals";

export interface Settings {
  /** The connection's public write key. */
  key: string;
  /** Where the collector is, without a slash at the end. */
  endpoint: string;
  /** "manual": nothing is recorded until the site calls `playhead.start()`. */
  start: "auto" | "manual";
  /** Nothing is recorded or stored until the site calls `playhead.consent(true)`. */
  consentRequired: boolean;
  /** All text is masked, as with the connection's `mask_all_text`. */
  maskText: boolean;
  /** A CSS selector: what it names is recorded in clear. Empty for none. */
  unmask: string;
  /** Which of the browser's signals count as a no. */
  signals: readonly Signal[];
  /** Share of visitors that are recorded, 0–1; the connection's own share may be smaller. */
  sample: number;
  /** Patterns of pages; see pages.ts. */
  allow: readonly string[];
  deny: readonly string[];
  /** Patterns of parameters whose values are taken out of addresses; see scrub.ts. */
  scrub: readonly string[];
  /** The console's errors and uncaught exceptions are recorded. */
  errors: boolean;
}

export interface ScriptTag {
  src: string;
  dataset: Partial<Record<string, string>>;
}

const KEY = /^[A-Za-z0-9_-]{8,128}$/;

/** The settings, or in words why the tag cannot be used. */
export function readSettings(tag: ScriptTag): Settings | string {
  const { key, endpoint, start, consent, signals, sample = "1", unmask = "" } = tag.dataset;
  if (key === undefined || !KEY.test(key)) return "the script tag needs data-key, the connection's write key";
  const base = endpointOf(endpoint, tag.src);
  if (base === null) return "data-endpoint is no http(s) address";
  if (start !== undefined && start !== "auto" && start !== "manual") {
    return `data-start is "auto" or "manual", not "${start}"`;
  }
  if (consent !== undefined && consent !== "required")
    return `data-consent is "required" or absent, not "${consent}"`;
  const honoured = signalsOf(signals);
  if (honoured === null) return `data-signals is "gpc", "dnt", both or "none", not "${signals ?? ""}"`;
  const share = sample.trim() === "" ? NaN : Number(sample);
  if (!(share >= 0 && share <= 1)) return `data-sample is a share between 0 and 1, not "${sample}"`;
  const maskText = switchOf(tag.dataset.maskText);
  const errors = switchOf(tag.dataset.errors);
  if (maskText === null) return `data-mask-text has no value, "true" or "false"`;
  if (errors === null) return `data-errors has no value, "true" or "false"`;
  return {
    key,
    endpoint: base,
    start: start ?? "auto",
    consentRequired: consent === "required",
    maskText,
    unmask: unmask.trim(),
    signals: honoured,
    sample: share,
    allow: listOf(tag.dataset.allow ?? ""),
    deny: listOf(tag.dataset.deny ?? ""),
    scrub: listOf(tag.dataset.scrub ?? ""),
    errors,
  };
}

/** By default both: who is recorded all the same should have said so. */
function signalsOf(text: string | undefined): Signal[] | null {
  const names = listOf(text ?? "gpc dnt");
  if (names.length === 1 && names[0] === "none") return [];
  const signals = names.filter((name) => name === "gpc" || name === "dnt");
  return names.length > 0 && signals.length === names.length ? signals : null;
}

/** Attributes that are there or not; null where the value is neither. */
function switchOf(text: string | undefined): boolean | null {
  if (text === undefined || text === "false") return false;
  return text === "" || text === "true" ? true : null;
}

/** By default the collector is where the script came from. */
function endpointOf(endpoint: string | undefined, src: string): string | null {
  try {
    const url = endpoint === undefined ? new URL(".", src) : new URL(endpoint, src);
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    return (url.origin + url.pathname).replace(/\/+$/, "");
  } catch {
    return null;
  }
}
