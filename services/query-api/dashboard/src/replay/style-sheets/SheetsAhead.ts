// Has the style sheets of a recording adapted by a worker before its player is there: while somebody rests on a row,
// and beside the drawing of what surrounds the replay. What goes wrong here the player does by itself, as it would have.
import type { eventWithTime } from "@rrweb/types";
import { adaptedSheets } from "./AdaptedSheets";
import { sheetsOf } from "./sheetsOf";

/** Whoever waits for longer, behind a sheet that is made to take long, has the player do it. */
export const MOST_WAIT_MS = 2_000;

export type SheetWorker = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

const startWorker = (): SheetWorker =>
  new Worker(new URL("./adapting.worker.ts", import.meta.url), { type: "module" });

export class SheetsAhead {
  private worker: SheetWorker | null = null;
  private readonly underWay = new Set<string>();
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly adapted: Map<string, string>,
    private readonly start: () => SheetWorker,
  ) {}

  /** Has the worker's code loaded. */
  expect(): void {
    if (this.worker !== null) return;
    try {
      this.worker = this.start();
    } catch {
      // A browser without workers, or one that was told to start none.
      return;
    }
    this.worker.onmessage = ({ data }: MessageEvent<[string, string]>) => {
      const [sheet, adapted] = data;
      this.adapted.set(sheet, adapted);
      this.underWay.delete(sheet);
      this.tell();
    };
    this.worker.onerror = () => {
      this.worker?.terminate();
      this.worker = null;
      this.underWay.clear();
      this.tell();
    };
  }

  /** Until those of the recording's first full snapshot are adapted, or will not be in time. */
  async adapt(events: readonly eventWithTime[]): Promise<void> {
    const sheets = sheetsOf(events);
    for (const sheet of sheets) {
      if (this.adapted.has(sheet) || this.underWay.has(sheet)) continue;
      this.expect();
      if (this.worker === null) return;
      this.underWay.add(sheet);
      this.worker.postMessage(sheet);
    }
    const late = new Promise<void>((passed) => setTimeout(passed, MOST_WAIT_MS));
    await Promise.race([this.done(sheets), late]);
  }

  private async done(sheets: readonly string[]): Promise<void> {
    while (sheets.some((sheet) => this.underWay.has(sheet))) {
      await new Promise<void>((told) => this.waiting.push(told));
    }
  }

  private tell(): void {
    for (const told of this.waiting.splice(0)) told();
  }
}

export const sheetsAhead = new SheetsAhead(adaptedSheets, startWorker);
