// rrweb's recorder with our privacy settings. Knows nothing of batches or the network.
import { record } from "@rrweb/record";
import { EventType, type eventWithTime, type RecordPlugin } from "@rrweb/types";
import { CONSOLE_PLUGIN, followErrors } from "./errors";
import { BLOCKED, MASKED_INPUTS, maskingOf } from "./masking";
import { notice } from "./notice";
import { redactor } from "./redact";
import { safely } from "./safely";
import { scrubber } from "./scrub";
import type { Settings } from "./settings";

const MAX_EARLY = 20;

/** With what rrweb does not have as it comes; rrweb.ts adds it. */
const rrweb = record as typeof record & {
  /** Waits no longer for frames and style sheets to load. */
  endWaiting(): void;
  /** Is or was this a password's field, which the page shows now? */
  wasPassword(element: Element): boolean;
};

export interface Recording {
  stop(): void;
  /** Meta and FullSnapshot, at once. */
  snapshot(): void;
  custom(name: string, payload: unknown): void;
}

/** What a recording has to know of the settings. */
export type Privacy = Pick<Settings, "maskText" | "unmask" | "scrub" | "errors">;

/** Begins at DOMContentLoaded, or at once where that has been. */
export function startRecording(privacy: Privacy, emit: (event: eventWithTime) => void): Recording {
  const masking = maskingOf(privacy.maskText, privacy.unmask, (element) => rrweb.wasPassword(element));
  const scrub = scrubber(privacy.scrub);
  const redact = redactor(masking, scrub, (id) => record.mirror.getNode(id));
  let stopped = false;
  let begun = false;
  const early: (() => void)[] = [];
  const begin = safely("adding an event", () => {
    begun = true;
    for (const add of early.splice(0)) add();
  });
  const stop = record({
    emit: (event) => {
      // rrweb has timers of its own, which may come after its end.
      const kept = stopped ? null : redact(event);
      if (kept === null) return;
      emit(kept);
      // rrweb takes no custom event before it is done with its first snapshot.
      if (!begun && event.type === EventType.FullSnapshot) queueMicrotask(begin);
    },
    recordAfter: "DOMContentLoaded",
    maskInputOptions: MASKED_INPUTS,
    maskInputFn: (value, element) => masking.input(value, element),
    blockClass: "rr-block",
    blockSelector: BLOCKED,
    ignoreClass: "rr-ignore",
    maskTextSelector: masking.textSelector,
    maskTextFn: (text, element) => masking.text(text, element),
    inlineStylesheet: true,
    slimDOMOptions: { script: true, comment: true },
    sampling: { scroll: 150, media: 800 },
    plugins: privacy.errors ? [errorsPlugin(scrub)] : [],
    // rrweb runs inside the page's own calls; true keeps its errors out of them.
    errorHandler: (error: unknown) => {
      notice("a part of the page could not be recorded", error);
      return true;
    },
  });
  if (stop === undefined) throw new Error("rrweb did not start");
  return {
    stop: () => {
      stopped = true;
      stop();
      rrweb.endWaiting();
    },
    snapshot: () => {
      record.takeFullSnapshot();
    },
    custom: (name, payload) => {
      const add = safely("adding an event", () => {
        if (!stopped) record.addCustomEvent(name, payload);
      });
      if (begun) add();
      else if (early.length < MAX_EARLY) early.push(add);
    },
  };
}

function errorsPlugin(scrub: (text: string) => string): RecordPlugin {
  return {
    name: CONSOLE_PLUGIN,
    observer: (found, win) => followErrors(win, scrub, found),
    options: {},
  };
}
