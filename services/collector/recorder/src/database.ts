// One IndexedDB store, which may be absent, blocked, full, or never answer: nothing here throws or rejects.
import { safely } from "./safely";

const STORE = "batches";
/** Oldest first, with the bytes, so that sizes can be added up without reading the bodies. */
export const BY_AGE = "age";
/** Longer is not waited for an answer, which may come all the same. */
const SLOW_MS = 5_000;

export class Database {
  private readonly opening: Promise<void>;
  private opened: IDBDatabase | null = null;
  private closed = false;

  constructor(name: string) {
    this.opening = this.open(name);
  }

  /**
   * Work in one transaction.
   *
   * @param work may hand over a result, by `give`
   * @returns the result once the transaction is complete; `otherwise` where it is not
   */
  async during<T>(
    mode: IDBTransactionMode,
    otherwise: T,
    work: (store: IDBObjectStore, give: (result: T) => void) => void,
  ): Promise<T> {
    await this.opening;
    const database = this.opened;
    if (database === null) return otherwise;
    return new Promise((resolve) => {
      let result = otherwise;
      const timer = setTimeout(resolve, SLOW_MS, otherwise);
      const end = (ended: T) => {
        clearTimeout(timer);
        resolve(ended);
      };
      try {
        const transaction = database.transaction(STORE, mode);
        transaction.oncomplete = () => {
          end(result);
        };
        transaction.onabort = () => {
          end(otherwise);
        };
        work(transaction.objectStore(STORE), (given) => {
          result = given;
        });
      } catch {
        end(otherwise);
      }
    });
  }

  /**
   * Put these now: the page goes, and no later moment can be waited for. Chromium keeps what was committed so,
   * also when the tab is closed; without commit() a navigation undoes it.
   */
  putNow(rows: readonly unknown[]): void {
    if (this.opened === null || rows.length === 0) return;
    try {
      const transaction = this.opened.transaction(STORE, "readwrite");
      for (const row of rows) transaction.objectStore(STORE).put(row);
      transaction.commit();
    } catch {
      // The page's last try; what sessionStorage has room for is kept there, too.
    }
  }

  close(): void {
    this.closed = true;
    this.opened?.close();
    this.opened = null;
  }

  /** Resolves when there is a database, or none to be had for now. */
  private open(name: string): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, SLOW_MS);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      try {
        const request = indexedDB.open(name, 1);
        request.onupgradeneeded = safely("setting up the queue", () => {
          const store = request.result.createObjectStore(STORE, { keyPath: ["window", "seq"] });
          store.createIndex(BY_AGE, ["madeAt", "bytes"]);
        });
        request.onsuccess = () => {
          const database = request.result;
          if (this.closed) database.close();
          else this.opened = database;
          // Another tab deletes it: the visitor has withdrawn. Or the visitor cleared the site's data.
          database.onversionchange = database.onclose = () => {
            this.close();
          };
          end();
        };
        request.onerror = end;
      } catch {
        end();
      }
    });
  }
}

export function deleteDatabase(name: string): void {
  try {
    indexedDB.deleteDatabase(name);
  } catch {
    // Where there is no IndexedDB nothing is in it.
  }
}
