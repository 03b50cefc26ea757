// The batches that no answer has come for, in order, within a bound.
import { heldBytes, type Batch } from "./batch";

export class Outbox {
  private batches: Batch[] = [];
  private refusing = false;

  /** @param maxBytes beyond it the outbox says that it is full, until half of it is free again */
  constructor(private readonly maxBytes: number) {}

  add(...batches: Batch[]): void {
    this.batches.push(...batches);
  }

  remove(batch: Batch): void {
    this.batches = this.batches.filter((other) => other !== batch);
  }

  clear(): void {
    this.batches = [];
  }

  all(): readonly Batch[] {
    return this.batches;
  }

  /** Recording pauses while it is full: a hole with a snapshot behind it plays, a stream with holes does not. */
  get full(): boolean {
    const bytes = this.batches.reduce((sum, batch) => sum + heldBytes(batch), 0);
    this.refusing = bytes > (this.refusing ? this.maxBytes / 2 : this.maxBytes);
    return this.refusing;
  }
}
