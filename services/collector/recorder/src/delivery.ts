// From closed batch to accepted batch: numbers, compresses, queues and sends, and sees to what is left when
// the page goes. One per page; it goes on after recording has stopped, until nothing is left to send.
import { arrayOf, type Batch } from "./batch";
import { compress } from "./compress";
import { dropHandedOver, handOver, takeOver } from "./handover";
import { cut, fitting, KEPT_ALIVE_BYTES } from "./leaving";
import { Outbox } from "./outbox";
import { beacon, canKeepAlive, post } from "./post";
import { Sender, type Refusals } from "./sender";
import type { Settings } from "./settings";
import type { Store } from "./storage";
import type { TabWindow } from "./tab";

/** What may wait in memory while the collector cannot be reached. */
const MAX_WAITING_BYTES = 4 * 1_024 * 1_024;

export class Delivery {
  private readonly outbox = new Outbox(MAX_WAITING_BYTES);
  private readonly sender: Sender;
  private consent = false;

  constructor(
    private readonly settings: Settings,
    private readonly visitor: string,
    private readonly tab: TabWindow,
    private readonly session: Store,
    refusals: Refusals,
  ) {
    this.sender = new Sender(this.outbox, (batch, keepalive) => post(settings, batch, keepalive), refusals);
    this.takeOver();
  }

  consented(consent: boolean): void {
    this.consent = consent;
  }

  /** Nothing is left to send. */
  get idle(): boolean {
    return this.outbox.all().length === 0;
  }

  get full(): boolean {
    return this.outbox.full;
  }

  send(events: string[]): void {
    const batch = this.number(events);
    void compress(batch).then(() => {
      this.sender.kick();
    });
  }

  /** The network is back. */
  hurry(): void {
    this.sender.hurry();
  }

  /** The page is hidden, and may never be shown again: send in requests that would outlive it. */
  flush(openEvents: string[]): void {
    this.numberInRuns(openEvents);
    const waiting = this.outbox.all().filter((batch) => !this.sender.isInFlight(batch));
    this.sendKeptAlive(waiting);
    this.sender.kick();
  }

  /**
   * The page goes. Whatever has no answer yet, also if it is on its way, is sent in requests that outlive the
   * page, up to their limit, and kept for the tab's next page. A batch that neither has room for is lost when
   * the page does not come back; its number then shows as missing in the session.
   */
  leave(openEvents: string[]): void {
    this.numberInRuns(openEvents);
    const unanswered = [...this.outbox.all()];
    this.sendKeptAlive(unanswered);
    for (const batch of handOver(this.session, unanswered)) this.outbox.remove(batch);
  }

  /** The page begins, or is shown again. */
  takeOver(): void {
    const left = takeOver(this.session);
    this.outbox.add(...left);
    if (left.length > 0) this.sender.kick();
  }

  /** The visitor withdrew: nothing that has not been sent will be. */
  drop(): void {
    this.outbox.clear();
    dropHandedOver(this.session);
  }

  private numberInRuns(openEvents: string[]): void {
    for (const events of cut(openEvents, KEPT_ALIVE_BYTES)) this.number(events);
  }

  private number(events: string[]): Batch {
    const batch: Batch = {
      visitor: this.visitor,
      window: this.tab.id,
      seq: this.tab.takeSeq(),
      consent: this.consent,
      body: { encoding: "identity", text: arrayOf(events) },
    };
    this.outbox.add(batch);
    return batch;
  }

  private sendKeptAlive(batches: readonly Batch[]): void {
    const chosen = fitting(batches, KEPT_ALIVE_BYTES);
    if (canKeepAlive()) this.sender.sendKeptAlive(chosen);
    else for (const batch of chosen) beacon(this.settings, batch);
  }
}
