// Sends one batch after the other, until each is accepted or refused for good.
import { waitMs, LONGEST_ASKED_MS } from "./backoff";
import type { Batch } from "./batch";
import { safely, unawaited } from "./safely";
import type { Verdict } from "./verdict";

/** Where batches come from, and what is done about an answer. */
export interface Batches {
  /** The next to send; null where there is none. */
  next(): Promise<Batch | null>;
  accepted(batch: Batch): void;
  /** It will be tried again. */
  postponed(batch: Batch): void;
  tooLarge(batch: Batch): Promise<void>;
  refused(batch: Batch, status: number): void;
  /** True where the sender is to go on. */
  connectionRefused(batch: Batch, status: number): boolean;
}

export class Sender {
  private sending: Batch | null = null;
  /** On their way in requests that outlive the page, with their bytes. */
  private readonly outliving = new Map<Batch, number>();
  private readonly requests = new Set<AbortController>();
  private failures = 0;
  private unanswered = 0;
  private askedUntil = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running = false;
  private again = false;
  private closed = false;

  constructor(
    private readonly batches: Batches,
    private readonly post: (batch: Batch, keepalive: boolean, abort: AbortController) => Promise<Verdict>,
  ) {}

  /** There may be something to send. */
  kick(): void {
    this.again = true;
    if (this.timer !== undefined || this.running || this.closed) return;
    unawaited("sending", this.run());
  }

  /** The network is back: no need to wait on, but for the time that the collector asked for. */
  hurry(): void {
    if (Date.now() < this.askedUntil) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.kick();
  }

  /** Send this now, beside what is on its way, in a request that outlives the page. */
  sendOutliving(batch: Batch, bytes: number): void {
    this.outliving.set(batch, bytes);
    unawaited("sending", this.attempt(batch, true));
  }

  /** Nothing more is sent, what is on its way is cut off, and no answer is heeded. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const request of this.requests) request.abort();
  }

  isInFlight(batch: Batch): boolean {
    return this.sending === batch || this.outliving.has(batch);
  }

  isOutliving(batch: Batch): boolean {
    return this.outliving.has(batch);
  }

  get outlivingBytes(): number {
    return [...this.outliving.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** The last try had no success. */
  get failing(): boolean {
    return this.failures > 0;
  }

  /** Neither asked to wait, nor alone: a page that goes may try once more. */
  get mayTry(): boolean {
    return this.unanswered < 2 && Date.now() >= this.askedUntil;
  }

  private async run(): Promise<void> {
    this.running = true;
    try {
      while (this.again) {
        this.again = false;
        const batch = await this.batches.next();
        if (batch !== null && !this.closed) this.again = await this.attempt(batch, false);
      }
    } finally {
      this.running = false;
    }
  }

  /** True where the next may be sent at once. */
  private async attempt(batch: Batch, outliving: boolean): Promise<boolean> {
    const triedBefore = batch.triedAt;
    batch.triedAt ??= Date.now();
    if (!outliving) this.sending = batch;
    const request = new AbortController();
    this.requests.add(request);
    const verdict = await this.post(batch, outliving, request);
    this.requests.delete(request);
    if (outliving) this.outliving.delete(batch);
    else this.sending = null;
    if (this.closed) return false;
    if (verdict.kind !== "unreachable") this.unanswered = 0;
    switch (verdict.kind) {
      case "accepted":
        this.failures = 0;
        this.batches.accepted(batch);
        return true;
      case "retry":
      case "unreachable": {
        const taken = verdict.kind === "retry" && verdict.maybeTaken;
        if (!taken && !this.isInFlight(batch)) batch.triedAt = triedBefore;
        // Of several at once, as a page goes, one tells as much as all.
        if (!outliving || this.failures === 0) this.failures += 1;
        if (!outliving && verdict.kind === "unreachable") this.unanswered += 1;
        this.wait(verdict.kind === "retry" ? verdict.askedMs : null);
        this.batches.postponed(batch);
        return false;
      }
      case "too_large":
        await this.batches.tooLarge(batch);
        return true;
      case "batch_refused":
        this.batches.refused(batch, verdict.status);
        return true;
      case "connection_refused":
        return this.batches.connectionRefused(batch, verdict.status);
    }
  }

  private wait(askedMs: number | null): void {
    const ms = waitMs(this.failures, askedMs, Math.random());
    if (askedMs !== null) this.askedUntil = Date.now() + Math.min(askedMs, LONGEST_ASKED_MS);
    clearTimeout(this.timer);
    this.timer = setTimeout(
      safely("trying again", () => {
        this.timer = undefined;
        this.kick();
      }),
      ms,
    );
  }
}
