// What a replay shows, element by element; and rrweb's own player, fed from a file, to compare it with.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";
import type { RecordedEvent } from "./recordings";

export interface Frame {
  /** What a person reads, a line each. */
  text: string[];
  /** Each element of the page in order, with all of its attributes, and where it is scrolled to. */
  elements: string[];
  /** What each field holds. */
  fields: string[];
  /** The text of each style sheet that is in the page. */
  sheets: string[];
}

/** Runs in the browser, so it may know nothing from outside of itself. */
export function frameOf(page: Document): Frame {
  const all = (root: Document | ShadowRoot): Element[] =>
    [...root.querySelectorAll("*")].flatMap((element) => [
      element,
      ...(element.shadowRoot === null ? [] : all(element.shadowRoot)),
    ]);
  const elements = all(page);
  const lines = page.body.innerText.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  return {
    text: lines.filter((line) => line !== ""),
    elements: elements.map((element) => {
      const attributes = [...element.attributes].map(({ name, value }) => `${name}=${value}`).sort();
      return `${element.tagName} ${attributes.join(" ")} @${Math.round(element.scrollLeft)},${Math.round(element.scrollTop)}`;
    }),
    fields: elements
      .filter((element) => element.matches("input, textarea, select"))
      .map((element) => {
        // Not by instanceof: a replayed page is of another window.
        const field = element as HTMLInputElement;
        return `${field.type} ${field.value} ${String(field.checked)}`;
      }),
    sheets: elements.filter(({ tagName }) => tagName === "STYLE").map(({ textContent }) => textContent),
  };
}

const rrweb = () => {
  const main = createRequire(import.meta.url).resolve("rrweb");
  return (name: string) => readFileSync(main.replace(/dist\/.*$/, `dist/${name}`), "utf8");
};

/** rrweb's Replayer, with the recording as it is in the file and no part of ours. */
export class ReferencePlayer {
  private constructor(private readonly page: Page) {}

  static async open(browser: Browser): Promise<ReferencePlayer> {
    const page = await (await browser.newContext({ viewport: { width: 1_600, height: 1_000 } })).newPage();
    const file = rrweb();
    await page.setContent("<!doctype html><body></body>");
    await page.addStyleTag({ content: file("style.css") });
    await page.addScriptTag({ content: file("rrweb.umd.min.cjs") });
    return new ReferencePlayer(page);
  }

  async load(events: readonly RecordedEvent[]): Promise<void> {
    await this.page.evaluate((given) => {
      (globalThis as unknown as { given: unknown }).given = given;
    }, events as unknown[]);
  }

  /** A player of its own for each moment: so nothing depends on where it came from. */
  async frameAt(ms: number): Promise<Frame> {
    return this.page.evaluate<Frame>(`(async () => {
      document.body.replaceChildren();
      const events = structuredClone(given);
      const replayer = new rrweb.Replayer(events, { root: document.body, showWarning: false, triggerFocus: false });
      // rrweb stops before the events of the moment it is given.
      replayer.pause(${ms} + 1);
      await new Promise((done) => setTimeout(done, 50));
      return (${frameOf.toString()})(replayer.iframe.contentDocument);
    })()`);
  }
}

/** Where a frame can be compared: between a Meta and its full snapshot rrweb's player shows what was before
 *  (docs/adr/0003-rrweb-replayer-without-rrweb-player.md). */
export function momentsOf(events: readonly RecordedEvent[], count: number): number[] {
  const first = events.find(({ type }) => type === 2)?.timestamp ?? 0;
  const last = events.at(-1)?.timestamp ?? 0;
  return Array.from({ length: count }, (_, index) => {
    let at = Math.floor(first + ((last - first) * (index + 1)) / count);
    for (const [place, { type, timestamp }] of events.entries()) {
      const snapshot = events.slice(place).find((event) => event.type === 2)?.timestamp;
      if (type === 4 && snapshot !== undefined && timestamp <= at && at < snapshot) at = Math.ceil(snapshot);
    }
    return at;
  });
}
