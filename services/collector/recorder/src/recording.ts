// rrweb's recorder with our privacy settings. Knows nothing of batches or the network.
import { record } from "@rrweb/record";
import type { eventWithTime } from "@rrweb/types";
import { notice } from "./notice";

/**
 * Every kind of input that holds what a visitor typed, chose or carries. rrweb's own maskAllInputs leaves
 * hidden inputs (tokens) and file names in clear, so the list is ours. Radio buttons and checkboxes keep
 * their values, which the page wrote.
 */
export const MASKED_INPUTS = {
  color: true,
  date: true,
  "datetime-local": true,
  email: true,
  file: true,
  hidden: true,
  month: true,
  number: true,
  password: true,
  range: true,
  search: true,
  select: true,
  tel: true,
  text: true,
  textarea: true,
  time: true,
  url: true,
  week: true,
};

export interface Recording {
  stop(): void;
  /** Meta and FullSnapshot, at once. */
  snapshot(): void;
  custom(name: string, payload: unknown): void;
}

/** Begins at DOMContentLoaded, or at once where that has been. */
export function startRecording(maskAllText: boolean, emit: (event: eventWithTime) => void): Recording {
  const stop = record({
    emit,
    recordAfter: "DOMContentLoaded",
    maskInputOptions: MASKED_INPUTS,
    blockClass: "rr-block",
    ignoreClass: "rr-ignore",
    maskTextClass: "rr-mask",
    ...(maskAllText ? { maskTextSelector: "*" } : {}),
    inlineStylesheet: true,
    slimDOMOptions: { script: true, comment: true },
    sampling: { scroll: 150, media: 800 },
    // rrweb runs inside the page's own calls; true keeps its errors out of them.
    errorHandler: (error: unknown) => {
      notice("a part of the page could not be recorded", error);
      return true;
    },
  });
  if (stop === undefined) throw new Error("rrweb did not start");
  return {
    stop,
    snapshot: () => {
      record.takeFullSnapshot();
    },
    custom: (name, payload) => {
      record.addCustomEvent(name, payload);
    },
  };
}
