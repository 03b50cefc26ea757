// The console's errors and uncaught exceptions, as events of rrweb's console plugin (`rrweb/console@1`), which
// players show. Bounded in length and in number: a page that fails in a loop must not fill the recording.
import { replaceFunction } from "./replaced";
import { safely } from "./safely";

export const CONSOLE_PLUGIN = "rrweb/console@1";

/** rrweb's LogData: each part of the payload is a JSON text. */
export interface ConsoleError {
  level: "error";
  trace: string[];
  payload: string[];
}

const MAX_PARTS = 10;
const MAX_CHARS = 1_000;
const MAX_TRACE = 10;
const MAX_A_MINUTE = 30;
/** Members of an object that is written out; a larger one is only named. */
const MAX_MEMBERS = 50;

type Console = Record<"error", (...data: unknown[]) => void>;

/**
 * Follows one window, the page's or a frame's.
 *
 * @param scrub takes telling parameters out of the addresses in messages and traces
 * @param now ms
 * @returns ends it, and restores the window
 */
export function followErrors(
  win: Window,
  scrub: (text: string) => string,
  found: (error: ConsoleError) => void,
  now: () => number = Date.now,
): () => void {
  const recent: number[] = [];
  let busy = false;
  const tell = safely("recording an error", (parts: readonly unknown[], stack: string | undefined) => {
    // An error within, such as a getter's of a part, must not be recorded by itself.
    if (busy) return;
    const at = now();
    while (recent.length > 0 && at - (recent[0] ?? 0) >= 60_000) recent.shift();
    if (recent.length >= MAX_A_MINUTE) return;
    recent.push(at);
    busy = true;
    try {
      const payload = parts.slice(0, MAX_PARTS).map((part) => JSON.stringify(cut(scrub(textOf(part)))));
      found({ level: "error", trace: traceOf(stack, scrub), payload });
    } finally {
      busy = false;
    }
  });

  const { console } = win as unknown as { console: Console };
  const restore = replaceFunction<"error", Console["error"]>(console, "error", (own, isOn) => {
    return function (this: unknown, ...parts: unknown[]) {
      own.apply(this, parts);
      if (isOn()) tell(parts, stackOf(parts.find(isError)) ?? new Error().stack?.replace(/^.*\n.*\n/, ""));
    };
  });
  const onError = (event: ErrorEvent) => {
    // A resource that did not load is no exception, and has no message.
    if (typeof event.message !== "string") return;
    const { error, message, filename, lineno, colno } = event as Omit<ErrorEvent, "error"> & {
      error: unknown;
    };
    tell([`Uncaught ${message}`], stackOf(error) ?? `${filename}:${lineno}:${colno}`);
  };
  const onRejection = ({ reason }: { reason: unknown }) => {
    tell(["Uncaught (in promise)", reason], stackOf(reason));
  };
  win.addEventListener("error", onError);
  win.addEventListener("unhandledrejection", onRejection);
  return () => {
    restore?.();
    win.removeEventListener("error", onError);
    win.removeEventListener("unhandledrejection", onRejection);
  };
}

// Not by instanceof: a frame has Errors of its own.
function isError(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === "[object Error]";
}

function stackOf(value: unknown): string | undefined {
  return isError(value) ? value.stack : undefined;
}

function traceOf(stack: string | undefined, scrub: (text: string) => string): string[] {
  const lines = (stack ?? "").split("\n").map((line) => line.trim());
  // Chromium puts the message first, which the payload has already.
  const frames = lines.filter((line) => /(^at |@|:\d+)/.test(line) && !/^[A-Z]\w*Error:/.test(line));
  return frames.slice(0, MAX_TRACE).map((line) => cut(scrub(line)));
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    if (isError(value)) return `${value.name}: ${value.message}`;
    if (typeof value !== "object" || value === null) return String(value);
    if ("nodeType" in value) return `<${String((value as Partial<Node>).nodeName).toLowerCase()}>`;
    let members = 0;
    return JSON.stringify(value, (_, member: unknown) => {
      if (++members > MAX_MEMBERS) throw new RangeError("too large to write out");
      return member;
    });
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function cut(text: string): string {
  return text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
}
