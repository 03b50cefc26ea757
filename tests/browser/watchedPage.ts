// A tab that notes whatever a recorded page must not do: run, call, navigate, open, ask, download, touch what is ours.
import type { BrowserContext, Frame, Locator, Page } from "playwright-core";
import { CONSOLE_MARK, END_ID } from "./hostilePages";
import { until } from "./waiting";

export class WatchedPage {
  private found: string[] = [];
  private readonly origin: string;

  private constructor(
    private readonly page: Page,
    /** Where the player's frame is in the viewer. */
    private readonly stage: string,
    viewer: string,
  ) {
    this.origin = new URL(viewer).origin;
    const note = (what: string) => this.found.push(what);
    page.on("dialog", (dialog) => {
      note(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("popup", (popup) => note(`a window: ${popup.url()}`));
    page.on("download", (download) => note(`a download: ${download.url()}`));
    page.on("filechooser", () => note("a file chooser"));
    page.on("worker", (worker) => note(`a worker: ${worker.url()}`));
    page.on("websocket", (socket) => note(`a web socket: ${socket.url()}`));
    page.on("console", (message) => {
      // The browser's own complaints name the code that it did not run.
      if (message.type() === "log" && message.text() === CONSOLE_MARK) note("its code wrote to the console");
    });
    page.on("framenavigated", (frame) => {
      if (frame === page.mainFrame() && !this.isOurs(frame.url())) note(`navigated to ${frame.url()}`);
    });
    page.on("response", (response) => {
      const url = response.url();
      if (/^(data|blob|about):/.test(url)) return;
      if (!this.isOurs(url)) note(`an answer from ${url}`);
      else if (frameOf(response.request()) !== page.mainFrame()) note(`the recorded page got ${url}`);
    });
  }

  static async open(context: BrowserContext, stage: string, viewer: string): Promise<WatchedPage> {
    return new WatchedPage(await context.newPage(), stage, viewer);
  }

  /** Opens a recording, plays it to its end, goes back to its start and jumps to its end; tells what was noted. */
  async play(url: string): Promise<string[]> {
    this.found = [];
    const cookies = await this.page.context().cookies();
    await this.page.goto(url);

    const replay = this.page.getByTestId("replay");
    const scrubber = replay.getByTestId("scrubber");
    const play = replay.getByTestId("replay-play");
    await until("it can be played", () => play.isEnabled());
    if ((await play.getAttribute("aria-label")) === "Play") await play.click();
    await until("its end is shown", () => this.endIsShown());
    await until("it has come to rest", async () => (await play.getAttribute("aria-label")) === "Play");
    const totalMs = Number(await scrubber.getAttribute("max"));
    await this.at(replay, totalMs);
    for (const positionMs of [0, totalMs]) {
      await scrubber.fill(String(positionMs));
      await this.at(replay, positionMs);
      await until("the page is as it was then", async () => (await this.endIsShown()) === positionMs > 0);
    }
    // What was begun meanwhile gets the time of a drawn frame, and of a step of the event loop after it.
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))));

    this.found.push(...(await this.traces()));
    if (JSON.stringify(await this.page.context().cookies()) !== JSON.stringify(cookies)) {
      this.found.push("a cookie was changed");
    }
    if (this.page.url() !== url) this.found.push(`the address is ${this.page.url()}`);
    for (const frame of this.page.frames()) {
      const there = frame.url();
      if (/^(about:|chrome-error:|$)/.test(there) || there === url) continue;
      this.found.push(`a frame of ${there}`);
    }
    return this.found;
  }

  /** What the viewer is told about the recorded site's own pictures and fonts. */
  said(): Promise<string | null> {
    return this.page.getByTestId("recorded-resources").getAttribute("data-resources");
  }

  /** What was noted in a play that may not have come to its end. */
  async noted(): Promise<string[]> {
    // Where it has taken the page away there is nothing of ours to look into.
    return [...this.found, ...(await this.traces().catch(() => []))];
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  private isOurs(url: string): boolean {
    return new URL(url).origin === this.origin || url === "about:blank";
  }

  private async at(replay: Locator, positionMs: number): Promise<void> {
    const time = replay.getByTestId("current-time");
    await until(
      `it is at ${positionMs} ms`,
      async () => Number(await time.getAttribute("data-position-ms")) === positionMs,
    );
  }

  private endIsShown(): Promise<boolean> {
    return this.page.evaluate(
      ([stage, end]) => {
        const page = document.querySelector<HTMLIFrameElement>(`${stage} iframe`)?.contentDocument;
        if (page === undefined || page === null) return false;
        // Not as its method: a recorded page may name a form like it.
        return Document.prototype.getElementById.call(page, end) !== null;
      },
      [this.stage, END_ID] as const,
    );
  }

  /** What in the viewer's own page shows that it was reached into. */
  private traces(): Promise<string[]> {
    return this.page.evaluate(() => {
      const found: string[] = [];
      const look = (view: Window, name: string) => {
        try {
          if ("ran" in view) found.push(`code ran in ${name}`);
          for (const [at, frame] of Array.from(view as unknown as ArrayLike<Window>).entries()) {
            look(frame, `${name}/${at}`);
          }
        } catch {
          // Of another origin: a frame that the browser did not load; what it loads is noted by its address.
        }
      };
      look(window, "the viewer");
      if (document.title === "ran") found.push("it changed the title");
      if (document.body.dataset.ran !== undefined) found.push("it changed the viewer's page");
      if (Object.keys(Object.prototype).length > 0) found.push("it changed the prototype of all objects");
      const stored = [...Object.entries(localStorage), ...Object.entries(sessionStorage)].map(String);
      found.push(...stored.filter((each) => each.startsWith("ran,")).map((each) => `it stored ${each}`));
      if (document.cookie.includes("ran")) found.push(`it set the cookie ${document.cookie}`);
      for (const element of document.querySelectorAll("*")) {
        for (const { name, value } of element.attributes) {
          const handles = name.startsWith("on") || name === "autofocus" || name === "srcdoc";
          const leads =
            ["href", "src", "action", "formaction"].includes(name) &&
            /^\s*(javascript|vbscript|data:text)|evil\.example/i.test(value);
          if (handles || leads) found.push(`the viewer's page has ${name}=${value}`);
        }
      }
      const frames = document.querySelectorAll("iframe, object, embed, frame, portal").length;
      if (frames !== 1) found.push(`the viewer's page has ${frames} frames`);
      return found;
    });
  }
}

function frameOf(request: { frame(): Frame }): Frame | null {
  try {
    return request.frame();
  } catch {
    // The frame was gone before it was asked for.
    return null;
  }
}
