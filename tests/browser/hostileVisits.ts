// Hostile pages as sessions of a running stack: sent in, and found again by their visitors.
import type { Browser, BrowserContext } from "playwright-core";
import type { HostilePage } from "./hostilePages";
import type { Stack } from "./stack";
import { until } from "./waiting";

export class HostileVisits {
  private readonly pages: Map<string, HostilePage>;
  private sessions = new Map<string, string>();

  constructor(
    private readonly stack: Stack,
    pages: readonly HostilePage[],
  ) {
    this.pages = new Map(pages.map((page) => [page.name, page]));
  }

  named(name: string): HostilePage {
    const page = this.pages.get(name);
    if (page === undefined) throw new Error(`there is no page ${name}`);
    return page;
  }

  /** Sends all of them, and waits until each can be played. */
  async begin(): Promise<void> {
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
    browser: Browser,
    prepare: (context: BrowserContext) => Promise<void> = () => Promise.resolve(),
  ): Promise<BrowserContext> {
    const { dashboardUrl, connection, token } = this.stack;
    const context = await browser.newContext({ viewport: { width: 1_000, height: 700 } });
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
