// The connection's settings for recorders: GET {endpoint}/v1/recorder-config?key=. The last answer is kept for
// the tab's next page, which so begins at once.
import { retryAfterMs, waitMs } from "./backoff";
import { notice } from "./notice";
import type { Settings } from "./settings";
import type { Store } from "./storage";

export interface ConnectionConfig {
  record: boolean;
  /** Share of visitors that are recorded, 0–1. */
  sample_rate: number;
  mask_all_text: boolean;
  consent_required: boolean;
  gap_ms: number;
}

const CONFIG = "config";
const TIMEOUT_MS = 10_000;

export function rememberedConfig(session: Store): ConnectionConfig | null {
  const text = session.get(CONFIG);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isConfig(value) ? value : null;
  } catch {
    return null;
  }
}

export function forgetConfig(session: Store): void {
  session.remove(CONFIG);
}

/**
 * Asks until there is an answer: without it nobody knows what must be masked, so nothing is recorded.
 * Resolves with null where the collector will not take this key or origin.
 */
export async function fetchConfig(settings: Settings, session: Store): Promise<ConnectionConfig | null> {
  for (let failures = 1; ; failures++) {
    const answer = await ask(settings);
    if (answer.kind === "config") {
      session.set(CONFIG, JSON.stringify(answer.config));
      return answer.config;
    }
    if (answer.kind === "refused") {
      forgetConfig(session);
      notice(`the collector refuses this key or site (${answer.status}); nothing is recorded`);
      return null;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs(failures, answer.askedMs, Math.random())));
  }
}

type Answer =
  | { kind: "config"; config: ConnectionConfig }
  | { kind: "refused"; status: number }
  | { kind: "failed"; askedMs: number | null };

async function ask({ endpoint, key }: Settings): Promise<Answer> {
  const abort = new AbortController();
  const timer = setTimeout(() => {
    abort.abort();
  }, TIMEOUT_MS);
  try {
    const response = await fetch(`${endpoint}/v1/recorder-config?key=${encodeURIComponent(key)}`, {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: abort.signal,
    });
    if ([400, 401, 403].includes(response.status)) return { kind: "refused", status: response.status };
    const value: unknown = response.ok ? await response.json() : null;
    if (isConfig(value)) return { kind: "config", config: value };
    return { kind: "failed", askedMs: retryAfterMs(response.headers.get("Retry-After"), Date.now()) };
  } catch {
    // No network, no CORS, no JSON: all are tried again.
    return { kind: "failed", askedMs: null };
  } finally {
    clearTimeout(timer);
  }
}

function isConfig(value: unknown): value is ConnectionConfig {
  if (typeof value !== "object" || value === null) return false;
  const config = value as Partial<Record<keyof ConnectionConfig, unknown>>;
  return (
    typeof config.record === "boolean" &&
    typeof config.sample_rate === "number" &&
    typeof config.mask_all_text === "boolean" &&
    typeof config.consent_required === "boolean" &&
    typeof config.gap_ms === "number"
  );
}
