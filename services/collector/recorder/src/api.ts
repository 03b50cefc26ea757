// window.playhead: what a site may call. Nothing here throws.
import type { Recorder } from "./recorder";
import { safely } from "./safely";

export interface PlayheadApi {
  /** Begin to record, as soon as consent and the connection's settings allow. */
  start(): void;
  /** End recording and restore the page. `start()` goes on in the same window. */
  stop(): void;
  /** Add a custom event, such as a chat message. Ignored while nothing is recorded. */
  event(name: string, payload?: unknown): void;
  /** What the visitor said. `consent(false)` stops, drops what was not sent, and forgets the visitor. */
  consent(given: boolean): void;
  /** This browser is not recorded here any more, whatever else was said. Drops what was not sent. */
  optOut(): void;
  /** Takes `optOut()` back. It is no consent. */
  optIn(): void;
}

declare global {
  interface Window {
    playhead?: PlayheadApi;
  }
}

export function apiOf(recorder: Recorder): PlayheadApi {
  return Object.freeze({
    start: safely("start()", () => {
      recorder.start();
    }),
    stop: safely("stop()", () => {
      recorder.stop();
    }),
    event: safely("event()", (name: unknown, payload?: unknown) => {
      if (typeof name !== "string") throw new TypeError("an event's name is a string");
      recorder.event(name, payload);
    }),
    consent: safely("consent()", (given: unknown) => {
      // Only a plain yes is one.
      recorder.consent(given === true);
    }),
    optOut: safely("optOut()", () => {
      recorder.optOut(true);
    }),
    optIn: safely("optIn()", () => {
      recorder.optOut(false);
    }),
  });
}
