// Hostile pages as sessions of a stack of their own: sent in, and found again by their visitors. In the browser
// beside it every foreign host leads to a sink.
import type { Browser, BrowserContext } from "playwright-core";
import { launchChromium } from "./chromium";
import { hostilePages, type HostilePage } from "./hostilePages";
import { Sink } from "./sink";
import { startStack, type Stack } from "./stack";
import { until } from "./waiting";

export const STARTED_AT = Date.now() - 60_000;

export class HostileVisits {
  private sessions = new Map<string, string>();

  private constructor(
    readonly stack: Stack,
    readonly sink: Sink,
    private readonly browser: Browser,
    private readonly pages: Map<string, HostilePage>,
    private readonly ends: (() => Promise<void>)[],
  ) {}

  /**
   * Starts all of it, sends the pages of these names, and waits until each can be played.
   * @param settings of the stack's services, as `startStack` takes them
   */
  static async open(names: readonly string[], settings: Record<string, string> = {}): Promise<HostileVisits> {
    const ends: (() => Promise<void>)[] = [];
    try {
      const stack = await startStack(30 * 60_000, settings);
      ends.push(() => stack.stop());
      const pages = hostilePages(stack.dashboardUrl, STARTED_AT).filter(({ name }) => names.includes(name));
      const sink = await Sink.open(pages.map(({ host }) => host));
      ends.push(() => sink.stop());
      const browser = await launchChromium(sink.hosts);
      ends.push(() => browser.close());
      const byName = new Map(pages.map((page) => [page.name, page]));
      const visits = new HostileVisits(stack, sink, browser, byName, ends);
      await visits.begin();
      return visits;
    } catch (error) {
      for (const end of ends.reverse()) await end();
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const end of this.ends.reverse()) await end();
  }

  named(name: string): HostilePage {
    const page = this.pages.get(name);
    if (page === undefined) throw new Error(`there is no page ${name}`);
    return page;
  }

  private async begin(): Promise<void> {
    for (const page of this.pages.values()) {
      const { status } = await this.send(page);
      if (status !== 202) throw new Error(`${page.name} was answered with ${status}`);
    }
    this.sessions = await until("all can be played", () => this.playable(), 120_000);
  }

  send(page: HostilePage, visitor = visitorOf(page)): Promise<Response> {
    const query = new URLSearchParams({ key: this.stack.writeKey, visitor, window: "w", seq: "0" });
    return fetch(`${this.stack.collectorUrl}/v1/batches?${query}`, {
      method: "POST",
      headers: { "User-Agent": page.userAgent },
      body: JSON.stringify(page.events),
    });
  }

  addressOf(page: HostilePage): string {
    const session = this.sessions.get(visitorOf(page));
    if (session === undefined) throw new Error(`there is no session of ${page.name}`);
    // At a moment: without one it would follow a visitor who is still there.
    const query = new URLSearchParams({
      connection: this.stack.connection,
      at: String(page.events[0]?.timestamp),
    });
    return `${this.stack.dashboardUrl}/sessions/${session}?${query}`;
  }

  /** A viewer who is signed in; `prepare` changes the browser before. */
  async signedIn(
    prepare: (context: BrowserContext) => Promise<void> = () => Promise.resolve(),
  ): Promise<BrowserContext> {
    const { dashboardUrl, connection, token } = this.stack;
    const context = await this.browser.newContext({ viewport: { width: 1_000, height: 700 } });
    await prepare(context);
    const page = await context.newPage();
    await page.goto(`${dashboardUrl}/?connection=${connection}#token=${token}`);
    await page.getByRole("heading", { name: "Sessions" }).waitFor();
    await page.close();
    return context;
  }

  /** Sessions by their visitors, once there are all and each can be played. */
  private async playable(): Promise<Map<string, string> | null> {
    const { dashboardUrl, connection, token } = this.stack;
    const found = new Map<string, string>();
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ limit: "200", ...(cursor === null ? {} : { cursor }) });
      const answer = await fetch(`${dashboardUrl}/v1/connections/${connection}/sessions?${query}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      const list = (await answer.json()) as {
        sessions: { session_id: string; visitor_id: string; replayable: boolean }[];
        next_cursor: string | null;
      };
      for (const one of list.sessions) if (one.replayable) found.set(one.visitor_id, one.session_id);
      cursor = list.next_cursor;
    } while (cursor !== null);
    return found.size >= this.pages.size ? found : null;
  }
}

const visitorOf = ({ host }: HostilePage) => host.replaceAll(".", "-");
