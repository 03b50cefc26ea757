// What the recorder puts on the page's window.
interface Window {
  playhead?: {
    start(): void;
    stop(): void;
    event(name: string, payload?: unknown): void;
    consent(given: boolean): void;
    optOut(): void;
    optIn(): void;
  };
}
