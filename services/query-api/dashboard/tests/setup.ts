// What jsdom lacks of a browser, and a clean page after every test.
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// Waiting ends when the thing is there; this is only for a machine that is busy with something else.
configure({ asyncUtilTimeout: 10_000 });

if (typeof document !== "undefined") {
  // jsdom knows <dialog> but cannot open it. Keeping the focus inside is the browser's work and is not imitated.
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close() {
    this.open = false;
  };

  globalThis.ResizeObserver = class {
    observe(): void {
      // Nothing is laid out here, so no size ever changes.
    }
    unobserve(): void {
      // as above
    }
    disconnect(): void {
      // as above
    }
  };

  globalThis.CSS = { ...globalThis.CSS, escape: (text: string) => text.replaceAll(/[^\w-]/g, "\\$&") };
  window.scrollTo = () => undefined;
  Element.prototype.scrollIntoView = () => undefined;
}

afterEach(() => {
  if (typeof document === "undefined") return;
  cleanup();
  window.history.replaceState(null, "", "/");
});
