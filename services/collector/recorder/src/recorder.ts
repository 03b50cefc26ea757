// The recorder of a page: brings settings, consent and the page's life together. What window.playhead calls.
import { Capture } from "./capture";
import { fetchConfig, forgetConfig, rememberedConfig, type ConnectionConfig } from "./connection";
import { Delivery, forgetUnsent } from "./delivery";
import { closedBecause } from "./gate";
import { notice } from "./notice";
import { safely } from "./safely";
import type { Settings } from "./settings";
import type { Store } from "./storage";
import { TabWindow } from "./tab";
import { forgetVisitor, shareOf, visitorId } from "./visitor";

const CONSENT = "consent";

export interface Stores {
  local: Store;
  session: Store;
}

export class Recorder {
  private wanted = false;
  private asked = false;
  private config: ConnectionConfig | null = null;
  private consentGiven: boolean | null;
  private tab: TabWindow | null = null;
  private delivery: Delivery | null = null;
  private capture: Capture | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly stores: Stores,
    private readonly privacyControl: boolean,
  ) {
    const said = stores.local.get(CONSENT);
    this.consentGiven = said === "given" ? true : said === "refused" ? false : null;
  }

  start(): void {
    this.wanted = true;
    // Once more, should the page on which the visitor withdrew have gone before it was done.
    if (this.consentGiven === false) forgetUnsent(this.settings.key, this.stores.session);
    this.config ??= rememberedConfig(this.stores.session);
    this.settle();
    if (this.asked) return;
    this.asked = true;
    const answered = safely("starting", (config: ConnectionConfig | null) => {
      this.config = config;
      this.settle();
    });
    void fetchConfig(this.settings, this.stores.session).then(answered);
  }

  /** Restores the page; what was recorded is still sent. */
  stop(): void {
    this.wanted = false;
    this.settle();
  }

  event(name: string, payload: unknown): void {
    this.capture?.custom(name, payload);
  }

  /** What the visitor said; remembered for the site's next pages. A withdrawal also forgets the visitor. */
  consent(given: boolean): void {
    this.consentGiven = given;
    this.stores.local.set(CONSENT, given ? "given" : "refused");
    if (given) this.delivery?.consented(true);
    else this.forget();
    this.settle();
  }

  /** The page is hidden. */
  hidden(): void {
    this.delivery?.flush(this.capture?.open() ?? []);
  }

  /** The page goes, for good or into the back/forward cache. */
  leave(): void {
    this.delivery?.leave(this.capture?.open() ?? []);
    this.tab?.leave();
  }

  /** The page is back from the back/forward cache; the tab may have shown others in between. */
  comeBack(): void {
    this.tab?.comeBack();
    this.delivery?.takeOver();
    this.capture?.interrupted();
  }

  online(): void {
    this.delivery?.hurry();
  }

  /** Makes what runs agree with what is wanted and allowed. */
  private settle(): void {
    const { config } = this;
    const allowed = this.wanted && config !== null && this.isOpen(config);
    if (!allowed) {
      this.capture?.stop();
      this.capture = null;
      return;
    }
    if (this.capture?.config.mask_all_text === config.mask_all_text) return;
    this.capture?.stop();
    this.capture = null;
    const visitor = visitorId(this.stores.local);
    if (shareOf(visitor) >= config.sample_rate) return;
    this.capture = new Capture(config, this.deliveryOf(visitor));
  }

  private isOpen(config: ConnectionConfig): boolean {
    const { consentRequired } = this.settings;
    const facts = { consentRequired, consent: this.consentGiven, privacyControl: this.privacyControl };
    return closedBecause(config, facts) === null;
  }

  private deliveryOf(visitor: string): Delivery {
    if (this.delivery !== null) return this.delivery;
    this.tab = TabWindow.open(this.stores.session);
    this.delivery = new Delivery(this.settings, visitor, this.tab, this.stores.session, {
      batchLost: (why, hole) => {
        notice(`a batch is lost: ${why}`);
        if (hole) this.capture?.interrupted();
      },
      connectionRefused: safely("stopping", (status: number) => {
        notice(`the collector takes nothing from here (${status}); recording has stopped`);
        forgetConfig(this.stores.session);
        this.config = null;
        this.abandon();
      }),
    });
    this.delivery.consented(this.consentGiven === true);
    return this.delivery;
  }

  /** End recording without sending what was recorded last. */
  private abandon(): void {
    this.capture?.abandon();
    this.capture = null;
  }

  private forget(): void {
    this.abandon();
    this.delivery?.drop();
    forgetUnsent(this.settings.key, this.stores.session);
    this.delivery = null;
    this.tab?.forget();
    this.tab = null;
    forgetVisitor(this.stores.local);
  }
}
