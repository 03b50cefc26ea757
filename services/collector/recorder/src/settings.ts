// What the site's owner wrote into the script tag. Pure: knows neither page nor network.

export interface Settings {
  /** The connection's public write key. */
  key: string;
  /** Where the collector is, without a slash at the end. */
  endpoint: string;
  /** "manual": nothing is recorded until the site calls `playhead.start()`. */
  start: "auto" | "manual";
  /** Nothing is recorded or stored until the site calls `playhead.consent(true)`. */
  consentRequired: boolean;
}

export interface ScriptTag {
  src: string;
  dataset: Partial<Record<string, string>>;
}

const KEY = /^[A-Za-z0-9_-]{8,128}$/;

/** The settings, or in words why the tag cannot be used. */
export function readSettings(tag: ScriptTag): Settings | string {
  const { key, endpoint, start, consent } = tag.dataset;
  if (key === undefined || !KEY.test(key)) return "the script tag needs data-key, the connection's write key";
  const base = endpointOf(endpoint, tag.src);
  if (base === null) return "data-endpoint is no http(s) address";
  if (start !== undefined && start !== "auto" && start !== "manual") {
    return `data-start is "auto" or "manual", not "${start}"`;
  }
  if (consent !== undefined && consent !== "required")
    return `data-consent is "required" or absent, not "${consent}"`;
  return { key, endpoint: base, start: start ?? "auto", consentRequired: consent === "required" };
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
