// Sends what is in the outbox, one batch at a time, until each is accepted or refused for good.
import { waitMs } from "./backoff";
import type { Batch } from "./batch";
import type { Outbox } from "./outbox";
import type { Verdict } from "./verdict";

export interface Refusals {
  batchRefused(status: number): void;
  connectionRefused(status: number): void;
}

export class Sender {
  private readonly inFlight = new Set<Batch>();
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;

  constructor(
    private readonly outbox: Outbox,
    private readonly post: (batch: Batch, keepalive: boolean) => Promise<Verdict>,
    private readonly refusals: Refusals,
  ) {}

  /** There may be something to send. */
  kick(): void {
    if (this.timer !== undefined || this.running) return;
    void this.run();
  }

  /** The network is back: no need to wait on. */
  hurry(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.kick();
  }

  /** Send these now, beside what is on its way, in requests that outlive the page. */
  sendKeptAlive(batches: readonly Batch[]): void {
    for (const batch of batches) void this.attempt(batch, true);
  }

  isInFlight(batch: Batch): boolean {
    return this.inFlight.has(batch);
  }

  private async run(): Promise<void> {
    this.running = true;
    let going = true;
    while (going) {
      const batch = this.outbox.all().find((waiting) => !this.inFlight.has(waiting));
      going = batch !== undefined && (await this.attempt(batch, false));
    }
    this.running = false;
  }

  /** True where the next may be sent at once. */
  private async attempt(batch: Batch, keepalive: boolean): Promise<boolean> {
    this.inFlight.add(batch);
    const verdict = await this.post(batch, keepalive);
    this.inFlight.delete(batch);
    switch (verdict.kind) {
      case "accepted":
        this.failures = 0;
        this.outbox.remove(batch);
        return true;
      case "retry":
        this.failures += 1;
        this.waitThenKick(waitMs(this.failures, verdict.askedMs, Math.random()));
        return false;
      case "batch_refused":
        this.outbox.remove(batch);
        this.refusals.batchRefused(verdict.status);
        return true;
      case "connection_refused":
        this.outbox.clear();
        this.refusals.connectionRefused(verdict.status);
        return false;
    }
  }

  private waitThenKick(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.hurry();
    }, ms);
  }
}
