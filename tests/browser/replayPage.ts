// The replay as a person has it before them: opened by its address, sought with the scrubber, read off the page.
import type { Browser, Locator, Page } from "playwright-core";
import { type Frame, frameOf } from "./frame";
import type { Stack } from "./stack";
import { until } from "./waiting";

export class ReplayPage {
  readonly asked: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly stack: Stack,
  ) {
    page.on("request", (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname.endsWith("/events")) this.asked.push(search);
    });
  }

  static async signIn(browser: Browser, stack: Stack): Promise<ReplayPage> {
    const page = await (await browser.newContext({ viewport: { width: 1_280, height: 800 } })).newPage();
    await page.goto(`${stack.dashboardUrl}/?connection=${stack.connection}#token=${stack.token}`);
    await page.getByRole("heading", { name: "Sessions" }).waitFor();
    return new ReplayPage(page, stack);
  }

  /** @param at the moment to open at, ms since the epoch */
  async open(session: string, at?: number): Promise<void> {
    this.asked.length = 0;
    const query = new URLSearchParams({ connection: this.stack.connection });
    if (at !== undefined) query.set("at", String(at));
    await this.page.goto(`${this.stack.dashboardUrl}/sessions/${session}?${query}`);
    await until("it can be played", () => this.play.isEnabled());
  }

  get play(): Locator {
    return this.page.getByTestId("replay-play");
  }

  get stage(): Locator {
    return this.page.getByTestId("stage");
  }

  async pause(): Promise<void> {
    if ((await this.play.getAttribute("aria-label")) === "Pause") await this.play.click();
  }

  async positionMs(): Promise<number> {
    return Number(await this.page.getByTestId("current-time").getAttribute("data-position-ms"));
  }

  async totalMs(): Promise<number> {
    return Number(await this.page.getByTestId("scrubber").getAttribute("max"));
  }

  /** To a position, and until it is on screen. */
  async seek(ms: number): Promise<void> {
    await this.page.getByTestId("scrubber").fill(String(ms));
    await until("the moment is on screen", async () => {
      const busy = await this.stage.getAttribute("aria-busy");
      return busy === "false" && (await this.positionMs()) === ms;
    });
  }

  frame(): Promise<Frame> {
    return this.page.evaluate<Frame>(`(async () => {
      await new Promise((done) => setTimeout(done, 50));
      return (${frameOf.toString()})(document.querySelector("[data-testid=stage] iframe").contentDocument);
    })()`);
  }

  async held(): Promise<{ events: number; bytes: number }> {
    const [events, bytes] = await Promise.all([
      this.stage.getAttribute("data-held-events"),
      this.stage.getAttribute("data-held-bytes"),
    ]);
    return { events: Number(events), bytes: Number(bytes) };
  }
}
