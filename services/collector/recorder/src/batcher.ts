// Gathers events, each as JSON text, and closes a batch by time or by size.
import { safely } from "./safely";

export interface BatchLimits {
  intervalMs: number;
  /** Of JSON text. A single larger event is a batch of its own, but for the little that came right before it. */
  maxChars: number;
  /** No more than this is little: a page's Meta is, which nobody can draw before they have its full snapshot. */
  littleChars: number;
}

export class Batcher {
  private events: string[] = [];
  private chars = 0;
  private firstAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly limits: BatchLimits,
    private readonly closed: (events: string[]) => void,
  ) {}

  /** @param at the event's timestamp, ms */
  add(event: string, at: number): void {
    const { maxChars, littleChars } = this.limits;
    const tooLarge = this.chars + event.length > maxChars && this.chars > littleChars;
    // A machine that slept has a timer that is overdue; what follows the sleep is another batch.
    const tooLate = at - this.firstAt > 2 * this.limits.intervalMs;
    if (this.events.length > 0 && (tooLarge || tooLate)) this.close();
    if (this.events.length === 0) {
      this.firstAt = at;
      this.timer = setTimeout(
        safely("closing a batch", () => {
          this.close();
        }),
        this.limits.intervalMs,
      );
    }
    this.events.push(event);
    this.chars += event.length;
    if (this.chars >= maxChars) this.close();
  }

  close(): void {
    const events = this.take();
    if (events.length > 0) this.closed(events);
  }

  /** The open batch's events, which are then no longer here. */
  take(): string[] {
    clearTimeout(this.timer);
    const events = this.events;
    this.events = [];
    this.chars = 0;
    return events;
  }
}
