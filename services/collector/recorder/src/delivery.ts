// From closed batch to accepted batch: numbers, compresses, queues and sends, and sees to what is left when
// the page goes. One per page; it goes on after recording has stopped, until nothing is left to send.
import { EventType } from "@rrweb/types";
import { tooOld } from "./age";
import { arrayOf, bodyBytes, heldBytes, type Batch } from "./batch";
import { compress } from "./compress";
import { eventsOf, halve } from "./halves";
import { dropHandedOver, handOver, takeOver } from "./handover";
import { cut, fitting, KEPT_ALIVE_BYTES } from "./leaving";
import { Outbox } from "./outbox";
import { beacon, canKeepAlive, post } from "./post";
import { Queue, queueName } from "./queue";
import { Sender, type Batches } from "./sender";
import { deleteDatabase } from "./database";
import { unawaited } from "./safely";
import type { Settings } from "./settings";
import type { Store } from "./storage";
import type { TabWindow } from "./tab";

/** What may wait in memory where there is no queue. */
const MAX_WAITING_BYTES = 4 * 1_024 * 1_024;
/** More than this is not left to the moment at which the page goes: half of what its last requests carry. */
const LOOSE_BYTES = KEPT_ALIVE_BYTES / 2;
/** What other tabs left is looked for so often, while there is something to send. */
const LOOK_EVERY_MS = 60_000;

export interface Losses {
  /** @param hole the page's stream has a hole now, which a full snapshot must follow */
  batchLost(why: string, hole: boolean): void;
  connectionRefused(status: number): void;
}

export class Delivery implements Batches {
  private readonly outbox = new Outbox(MAX_WAITING_BYTES);
  private readonly sender: Sender;
  private readonly queue: Queue;
  private firstSeq = Infinity;
  private consent = false;
  private lookAt = 0;
  private fetching = false;

  constructor(
    private readonly settings: Settings,
    private readonly visitor: string,
    private readonly tab: TabWindow,
    private readonly session: Store,
    private readonly losses: Losses,
  ) {
    this.queue = new Queue(queueName(settings.key), tab.id, (window, seq) => {
      this.lost("its time in the queue is over", window, seq);
    });
    this.sender = new Sender(this, (batch, keepalive, abort) => post(settings, batch, keepalive, abort));
    this.takeOver();
  }

  consented(consent: boolean): void {
    this.consent = consent;
  }

  /** Nothing is left to send but what waits in the queue, for this page or another. */
  get idle(): boolean {
    return this.outbox.all().length === 0;
  }

  send(events: string[]): void {
    const batch = this.number(events);
    const compressed = compress(batch).then(() => {
      this.sender.kick();
      return this.keep();
    });
    unawaited("sending", compressed);
  }

  /** The network is back. */
  hurry(): void {
    this.lookAt = 0;
    this.sender.hurry();
  }

  /** The page is hidden, and may never be shown again: send in requests that would outlive it. */
  flush(openEvents: string[]): void {
    this.numberInRuns(openEvents);
    this.sendOutliving(this.outbox.all().filter((batch) => !this.sender.isInFlight(batch)));
    unawaited("keeping", this.queue.put(this.outbox.all().filter(({ kept }) => kept !== "yes")));
    this.sender.kick();
  }

  /**
   * The page goes. Whatever has no answer yet, also if it is on its way, is sent in requests that outlive the
   * page, up to their limit, and kept: in the queue, and for the tab's next page where that has room.
   */
  leave(openEvents: string[]): void {
    this.numberInRuns(openEvents);
    const unanswered = [...this.outbox.all()];
    this.sendOutliving(unanswered.filter((batch) => !this.sender.isOutliving(batch)));
    this.queue.putNow(unanswered);
    for (const batch of handOver(this.session, unanswered)) this.outbox.remove(batch);
  }

  /** The page begins, or is shown again. */
  takeOver(): void {
    this.outbox.add(...takeOver(this.session));
    this.hurry();
  }

  /** The visitor withdrew: nothing that has not been sent will be. */
  drop(): void {
    this.sender.close();
    this.outbox.clear();
    dropHandedOver(this.session);
    this.queue.forget();
  }

  async next(): Promise<Batch | null> {
    for (const batch of this.outbox.all()) {
      if (this.sender.isInFlight(batch) || !this.outbox.has(batch)) continue;
      if (tooOld(batch, Date.now())) {
        this.outbox.remove(batch);
        if (batch.kept !== "no") unawaited("keeping", this.queue.remove(batch));
        this.lost("its time is over", batch.window, batch.seq);
        continue;
      }
      const claim = batch.kept === "yes" ? await this.queue.claim(batch) : "mine";
      if (claim === "mine") return batch;
      if (claim === "gone") this.outbox.remove(batch);
    }
    unawaited("looking into the queue", this.fetch());
    return null;
  }

  accepted(batch: Batch): void {
    this.outbox.remove(batch);
    if (batch.kept !== "no") unawaited("keeping", this.queue.remove(batch));
  }

  postponed(batch: Batch): void {
    if (!this.outbox.has(batch)) return;
    // Again, where the queue has it: whether it may have arrived is known now.
    const kept = this.queue.put([batch]).then(() => this.keep());
    unawaited("keeping", kept);
  }

  async tooLarge(batch: Batch): Promise<void> {
    // What cannot be read cannot be halved.
    const events = await eventsOf(batch).catch(() => []);
    // A second answer to the same batch, or the page has gone meanwhile.
    if (!this.outbox.has(batch)) return;
    if (events.length < 2) {
      this.accepted(batch);
      // The snapshot that would close the hole is what was too large.
      const isSnapshot = events[0]?.type === EventType.FullSnapshot;
      this.lost("too large", batch.window, isSnapshot ? null : batch.seq);
      return;
    }
    const own = batch.window === this.tab.id;
    const [first, second] = halve(batch, events, own ? this.tab.takeSeq() : null);
    // Another window's later half cannot be kept: it goes first, and until both are taken the queue has the whole.
    this.outbox.replace(batch, own ? [first, second] : [second, first]);
    await Promise.all([compress(first), compress(second)]);
    if (own && batch.kept !== "no") await this.queue.put([first, second]);
  }

  refused(batch: Batch, status: number): void {
    this.accepted(batch);
    this.lost(`refused with ${status}`, batch.window, batch.seq);
  }

  connectionRefused(batch: Batch, status: number): boolean {
    if (!this.isOfThisPage(batch.window, batch.seq)) {
      // An earlier page's, perhaps from before consent was asked for: this page's own batches will tell.
      this.refused(batch, status);
      return true;
    }
    this.outbox.clear();
    this.queue.forget();
    this.losses.connectionRefused(status);
    return false;
  }

  /** Keeps what is not to be lost with the page; while nothing can be sent, memory need not hold it either. */
  private async keep(): Promise<void> {
    const loose = this.outbox.all().filter(({ kept }) => kept === "no");
    const bytes = loose.reduce((sum, batch) => sum + heldBytes(batch), 0);
    if (this.sender.failing || bytes > LOOSE_BYTES) await this.queue.put(loose);
    if (this.sender.failing) {
      for (const batch of this.outbox.all()) {
        if (batch.kept !== "yes" || this.sender.isInFlight(batch)) continue;
        this.outbox.remove(batch);
        this.lookAt = 0;
      }
    }
    for (const batch of this.outbox.overflow((each) => this.sender.isInFlight(each))) {
      if (batch.kept !== "yes") this.lost("no room", batch.window, batch.seq);
    }
  }

  /** From the queue into the outbox: what earlier pages left, and this one while it could not send. */
  private async fetch(): Promise<void> {
    if (this.fetching || Date.now() < this.lookAt) return;
    this.fetching = true;
    this.lookAt = Date.now() + LOOK_EVERY_MS;
    const batch = await this.queue.next((window, seq) => this.outbox.holds(window, seq));
    this.fetching = false;
    if (batch !== null) {
      this.outbox.add(batch);
      this.lookAt = 0;
    }
    if (Date.now() >= this.lookAt) this.sender.kick();
  }

  private lost(why: string, window: string, seq: number | null): void {
    this.losses.batchLost(why, this.isOfThisPage(window, seq));
  }

  private isOfThisPage(window: string, seq: number | null): boolean {
    return window === this.tab.id && seq !== null && seq >= this.firstSeq;
  }

  private numberInRuns(openEvents: string[]): void {
    for (const events of cut(openEvents, KEPT_ALIVE_BYTES)) this.number(events);
  }

  private number(events: string[]): Batch {
    const seq = this.tab.takeSeq();
    this.firstSeq = Math.min(this.firstSeq, seq);
    const batch: Batch = {
      visitor: this.visitor,
      window: this.tab.id,
      seq,
      consent: this.consent,
      madeAt: Date.now(),
      triedAt: null,
      kept: "no",
      body: { encoding: "identity", text: arrayOf(events) },
    };
    this.outbox.add(batch);
    return batch;
  }

  private sendOutliving(batches: readonly Batch[]): void {
    if (!this.sender.mayTry) return;
    for (const batch of fitting(batches, KEPT_ALIVE_BYTES - this.sender.outlivingBytes)) {
      if (canKeepAlive()) this.sender.sendOutliving(batch, bodyBytes(batch));
      else {
        batch.triedAt ??= Date.now();
        beacon(this.settings, batch);
      }
    }
  }
}

/** What pages of this site left unsent, without a delivery of it. */
export function forgetUnsent(key: string, session: Store): void {
  dropHandedOver(session);
  deleteDatabase(queueName(key));
}
