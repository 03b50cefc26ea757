// The recorder of a page: brings settings, consent and the page's life together. What window.playhead calls.
import { Capture } from "./capture";
import { fetchConfig, forgetConfig, rememberedConfig, type ConnectionConfig } from "./connection";
import { Delivery, forgetUnsent } from "./delivery";
import { closedBecause } from "./gate";
import { followNavigation, URL_CHANGE, type Kind } from "./navigation";
import { notice } from "./notice";
import { followPage } from "./page";
import { pageRule } from "./pages";
import { safely } from "./safely";
import { scrubber } from "./scrub";
import type { Settings } from "./settings";
import type { Store } from "./storage";
import { TabWindow } from "./tab";
import { forgetVisitor, shareOf, visitorId } from "./visitor";

const CONSENT = "consent";
const OPTED_OUT = "opted-out";
/** After a page that is not recorded, an app needs time to take it off the screen. */
const RESUME_AFTER_MS = 500;
/** While what was recorded is still being sent, the page is followed on: it may go before that is done. */
const REST_AFTER_MS = 250;
const MAX_EARLY = 20;

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
  /** Events of a site that was quicker than the connection's settings. */
  private early: [string, unknown][] = [];
  private unfollow: (() => void) | null = null;
  private readonly isRecordedHere: (href: string) => boolean;
  private readonly scrub: (text: string) => string;
  private pageIsRecorded = false;
  private resumeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly stores: Stores,
    private readonly asksForPrivacy: boolean,
  ) {
    this.consentGiven = consentIn(stores.local);
    this.isRecordedHere = pageRule(settings.allow, settings.deny);
    this.scrub = scrubber(settings.scrub);
  }

  start(): void {
    this.wanted = true;
    this.follow();
    // Once more, should the page on which the visitor withdrew have gone before it was done.
    if (this.saidNo()) forgetUnsent(this.settings.key, this.stores.session);
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
    this.rest();
  }

  event(name: string, payload: unknown): void {
    if (this.capture !== null) this.capture.custom(name, payload);
    else if (this.wanted && this.config === null && this.early.length < MAX_EARLY)
      this.early.push([name, payload]);
  }

  /** What the visitor said; remembered for the site's next pages. A withdrawal also forgets the visitor. */
  consent(given: boolean): void {
    this.consentGiven = given;
    this.stores.local.set(CONSENT, given ? "given" : "refused");
    if (given) this.delivery?.consented(true);
    else this.forget();
    this.settle();
  }

  /** Remembered like consent, and stronger: a later consent does not end it. */
  optOut(out: boolean): void {
    if (out) {
      this.stores.local.set(OPTED_OUT, "1");
      this.forget();
    } else {
      this.stores.local.remove(OPTED_OUT);
    }
    this.settle();
  }

  /** Another tab may have heard a yes or a no. */
  saidElsewhere(): void {
    const said = consentIn(this.stores.local);
    if (said !== this.consentGiven) {
      this.consentGiven = said;
      this.delivery?.consented(said === true);
    }
    if (this.saidNo()) this.forget();
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
    const early = config === null ? [] : this.early.splice(0);
    const allowed = this.wanted && config !== null && this.isOpen(config);
    if (!allowed) {
      this.capture?.stop();
      this.capture = null;
      if (!this.wanted) this.early = [];
      return;
    }
    if (this.capture?.config.mask_all_text === config.mask_all_text) return;
    this.capture?.stop();
    this.capture = null;
    const visitor = visitorId(this.stores.local);
    if (shareOf(visitor) >= Math.min(config.sample_rate, this.settings.sample)) return;
    this.capture = new Capture(config, this.deliveryOf(visitor), this.settings);
    for (const [name, payload] of early) this.capture.custom(name, payload);
  }

  private saidNo(): boolean {
    return this.consentGiven === false || this.stores.local.get(OPTED_OUT) !== null;
  }

  private isOpen(config: ConnectionConfig): boolean {
    const facts = {
      consentRequired: this.settings.consentRequired,
      consent: this.consentGiven,
      optedOut: this.stores.local.get(OPTED_OUT) !== null,
      asksForPrivacy: this.asksForPrivacy,
      pageIsRecorded: this.pageIsRecorded,
    };
    return closedBecause(config, facts) === null;
  }

  private follow(): void {
    if (this.unfollow !== null) return;
    this.pageIsRecorded = this.isRecordedHere(location.href);
    const unfollowPage = followPage(this);
    const unfollowNavigation = followNavigation((href, kind) => {
      this.moved(href, kind);
    });
    this.unfollow = () => {
      clearTimeout(this.resumeTimer);
      unfollowPage();
      unfollowNavigation();
    };
  }

  /** The app went elsewhere without loading a page. */
  private moved(href: string, kind: Kind): void {
    clearTimeout(this.resumeTimer);
    if (!this.isRecordedHere(href)) {
      this.pageIsRecorded = false;
      this.settle();
    } else if (this.pageIsRecorded) {
      this.capture?.custom(URL_CHANGE, { href: this.scrub(href), kind });
    } else {
      const goOn = safely("going on", () => {
        this.pageIsRecorded = true;
        this.settle();
      });
      this.resumeTimer = setTimeout(goOn, RESUME_AFTER_MS);
    }
  }

  /** Leave the page alone, as soon as nothing is left to send. */
  private rest(): void {
    if (this.wanted || this.unfollow === null) return;
    if (this.delivery?.idle ?? true) {
      this.unfollow();
      this.unfollow = null;
    } else {
      setTimeout(
        safely("coming to rest", () => {
          this.rest();
        }),
        REST_AFTER_MS,
      );
    }
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

/** What the visitor said, null while they said nothing. */
function consentIn(local: Store): boolean | null {
  const said = local.get(CONSENT);
  return said === "given" ? true : said === "refused" ? false : null;
}
