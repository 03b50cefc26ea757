// Batches that wait for the collector longer than their page may live, in IndexedDB, for all tabs of the site.
// A row is one window's batch. Whoever sends it holds it meanwhile, so no two tabs send it at once.
import { tooOld } from "./age";
import { bodyBytes, type Batch } from "./batch";
import { BY_AGE, Database, deleteDatabase } from "./database";
import { safely } from "./safely";

/** All batches of the connection on this site. */
const MAX_BYTES = 16 * 1_024 * 1_024;
/** Looked at again after so many more. */
const PRUNE_EVERY_BYTES = 1_024 * 1_024;
/** Longer than a request may take. */
const HOLD_MS = 60_000;

interface Row extends Pick<Batch, "visitor" | "window" | "consent" | "madeAt" | "triedAt" | "body"> {
  seq: number;
  bytes: number;
  heldBy: string;
  heldUntil: number;
}

export type Gone = (window: string, seq: number) => void;

export const queueName = (key: string) => `playhead.${key}`;

export class Queue {
  private readonly database: Database;
  private unprunedBytes = Infinity;

  /**
   * @param holder this tab, as others know it
   * @param dropped told of each batch that is given up, for its age or for want of room
   */
  constructor(
    private readonly name: string,
    private readonly holder: string,
    private readonly dropped: Gone,
  ) {
    this.database = new Database(name);
  }

  /** Keeps these, held by this tab; what became of them stands in `kept`. */
  async put(batches: readonly Batch[]): Promise<void> {
    const rows = this.rowsOf(batches);
    if (rows.length === 0) return;
    const done = await this.database.during("readwrite", false, (store, give) => {
      for (const row of rows) store.put(row);
      give(true);
    });
    if (!done) return;
    for (const batch of batches) if (batch.seq !== null) batch.kept = "yes";
    this.unprunedBytes += rows.reduce((sum, { bytes }) => sum + bytes, 0);
    if (this.unprunedBytes > PRUNE_EVERY_BYTES) await this.prune();
  }

  /** The same as the page goes, when the end of the write cannot be waited for. */
  putNow(batches: readonly Batch[]): void {
    this.database.putNow(this.rowsOf(batches));
  }

  /** Before a batch is sent of which the queue has a copy: "gone" where another tab saw to it meanwhile. */
  claim(batch: Batch): Promise<"mine" | "held" | "gone"> {
    return this.database.during<"mine" | "held" | "gone">("readwrite", "mine", (store, give) => {
      const request = store.get([batch.window, batch.seq ?? -1]) as IDBRequest<Row | undefined>;
      request.onsuccess = safely("claiming a batch", () => {
        const row = request.result;
        if (row === undefined) give("gone");
        else if (this.isHeld(row)) give("held");
        else store.put(this.tried(row));
      });
    });
  }

  /** The oldest batch that nobody holds, which then is this tab's to send; null where there is none. */
  next(passOver: (window: string, seq: number) => boolean): Promise<Batch | null> {
    return this.database.during<Batch | null>("readwrite", null, (store, give) => {
      const request = store.index(BY_AGE).openCursor();
      request.onsuccess = safely("looking into the queue", () => {
        const cursor = request.result;
        if (cursor === null) return;
        const row = cursor.value as Row;
        if (tooOld(row, Date.now())) {
          cursor.delete();
          this.dropped(row.window, row.seq);
        } else if (!this.isHeld(row) && !passOver(row.window, row.seq)) {
          cursor.update(this.tried(row));
          give(batchOf(row));
          return;
        }
        cursor.continue();
      });
    });
  }

  async remove({ window, seq }: Batch): Promise<void> {
    if (seq === null) return;
    await this.database.during("readwrite", null, (store) => {
      store.delete([window, seq]);
    });
  }

  /** The visitor withdrew: the queue goes, with all that is in it, for all tabs. */
  forget(): void {
    this.database.close();
    deleteDatabase(this.name);
  }

  /** Gives up the oldest beyond the bound. */
  private async prune(): Promise<void> {
    this.unprunedBytes = 0;
    await this.database.during("readwrite", null, (store) => {
      let sum = 0;
      const request = store.index(BY_AGE).openKeyCursor(null, "prev");
      request.onsuccess = safely("bounding the queue", () => {
        const cursor = request.result;
        if (cursor === null) return;
        sum += (cursor.key as [number, number])[1];
        if (sum > MAX_BYTES) {
          store.delete(cursor.primaryKey);
          this.dropped(...(cursor.primaryKey as [string, number]));
        }
        cursor.continue();
      });
    });
  }

  private isHeld({ heldBy, heldUntil }: Row): boolean {
    return heldBy !== this.holder && heldUntil > Date.now();
  }

  private tried(row: Row): Row {
    return {
      ...row,
      triedAt: row.triedAt ?? Date.now(),
      heldBy: this.holder,
      heldUntil: Date.now() + HOLD_MS,
    };
  }

  private rowsOf(batches: readonly Batch[]): Row[] {
    return batches.flatMap((batch) => {
      const { visitor, window, seq, consent, madeAt, triedAt, body } = batch;
      if (seq === null) return [];
      if (batch.kept === "no") batch.kept = "maybe";
      const held = { heldBy: this.holder, heldUntil: Date.now() + HOLD_MS };
      return [{ visitor, window, seq, consent, madeAt, triedAt, body, bytes: bodyBytes(batch), ...held }];
    });
  }
}

function batchOf({ visitor, window, seq, consent, madeAt, triedAt, body }: Row): Batch {
  return { visitor, window, seq, consent, madeAt, triedAt, body, kept: "yes" };
}
