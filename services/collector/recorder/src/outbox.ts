// The batches in memory that no answer has come for, in order, within a bound.
import { heldBytes, type Batch } from "./batch";

export class Outbox {
  private batches: Batch[] = [];

  /** @param maxBytes beyond it the oldest are given up */
  constructor(private readonly maxBytes: number) {}

  add(...batches: Batch[]): void {
    this.batches.push(...batches);
  }

  remove(batch: Batch): void {
    this.replace(batch, []);
  }

  /** Others in its place; nothing where it is no longer here. */
  replace(batch: Batch, others: Batch[]): void {
    this.batches = this.batches.flatMap((each) => (each === batch ? others : [each]));
  }

  has(batch: Batch): boolean {
    return this.batches.includes(batch);
  }

  holds(window: string, seq: number | null): boolean {
    return this.batches.some((batch) => batch.window === window && batch.seq === seq);
  }

  clear(): void {
    this.batches = [];
  }

  all(): readonly Batch[] {
    return this.batches;
  }

  /**
   * Beyond the bound, takes out the oldest until a quarter is free, so that it does not happen with each batch.
   * The newest stays, however large.
   *
   * @param spared those that are on their way
   */
  overflow(spared: (batch: Batch) => boolean): Batch[] {
    let bytes = this.batches.reduce((sum, batch) => sum + heldBytes(batch), 0);
    if (bytes <= this.maxBytes) return [];
    const out = this.batches.slice(0, -1).filter((batch) => {
      if (spared(batch) || bytes <= (this.maxBytes * 3) / 4) return false;
      bytes -= heldBytes(batch);
      return true;
    });
    this.batches = this.batches.filter((batch) => !out.includes(batch));
    return out;
  }
}
