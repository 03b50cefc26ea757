// The npm package: the same recorder for a site that bundles it. Nothing here throws, and nothing happens before
// start(); where there is no page, as in a server's rendering, nothing happens at all.
import { notice } from "./notice";
import { whenShown } from "./page";
import { safely } from "./safely";
import { readSettings } from "./settings";
import { alreadySetUp, setUp } from "./setUp";

/** What the script tag says in its data attributes; docs/recorder.md has each of them. */
export interface Options {
  /** The connection's public write key. */
  key: string;
  /** The collector's address. */
  endpoint: string;
  /** Nothing is recorded or stored before `consent(true)`. */
  consent?: "required";
  /** Mask all text, not only what is typed. */
  maskText?: boolean;
  /** A CSS selector of what is recorded in clear; never passwords, codes or cards. */
  unmask?: string;
  /** Which of the browser's signals count as a no. By default both. */
  signals?: readonly ("gpc" | "dnt")[];
  /** Share of visitors that are recorded, 0–1. */
  sample?: number;
  /** Pages that are recorded, such as `/help*`; by default all. */
  allow?: readonly string[];
  /** Pages that are never recorded. */
  deny?: readonly string[];
  /** Parameters of addresses whose values are not recorded, beside those that never are. */
  scrub?: readonly string[];
  /** Record the console's errors and uncaught exceptions. */
  errors?: boolean;
}

/** Begin to record, as soon as consent and the connection's settings allow. Later calls need no options. */
export function start(options?: Options): void {
  if (typeof window === "undefined") return;
  starting(options);
}

/** End recording and restore the page. `start()` goes on in the same window. */
export function stop(): void {
  api()?.stop();
}

/** Add a custom event, such as a chat message. Ignored while nothing is recorded. */
export function event(name: string, payload?: unknown): void {
  api()?.event(name, payload);
}

/** What the visitor said. `consent(false)` stops, drops what was not sent, and forgets the visitor. */
export function consent(given: boolean): void {
  api()?.consent(given);
}

/** This browser is not recorded here any more, whatever else was said. Drops what was not sent. */
export function optOut(): void {
  api()?.optOut();
}

/** Takes `optOut()` back. It is no consent. */
export function optIn(): void {
  api()?.optIn();
}

const api = () => (typeof window === "undefined" ? null : alreadySetUp());

const starting = safely("start()", (options?: Options) => {
  const there = alreadySetUp();
  if (there !== null) {
    there.start();
    return;
  }
  if (options === undefined) throw new TypeError("the first start() needs a key and an endpoint");
  const settings = readSettings({ src: location.href, dataset: asAttributes(options) });
  if (typeof settings === "string") {
    notice(settings);
    return;
  }
  const own = setUp(settings);
  whenShown(() => {
    own?.start();
  });
});

function asAttributes(options: Options): Record<string, string> {
  const { signals, ...others } = options;
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(others) as [
    string,
    string | number | boolean | readonly string[] | undefined,
  ][]) {
    if (value !== undefined) attributes[name] = typeof value === "object" ? value.join(" ") : String(value);
  }
  if (signals !== undefined) attributes.signals = signals.length === 0 ? "none" : signals.join(" ");
  return attributes;
}
