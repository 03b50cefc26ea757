// What the query API writes into a page is what the player reads out of it.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { eventsIn, sessionIn, windowsIn } from "../../src/exported/content";
import { aDetail, aWindow, fullSnapshot, meta, T0, textChange } from "../builders";

const EVENTS = [meta(0), fullSnapshot(0), textChange(9, "</script>\u2028 Tee für zwei 🍵")];

/** As query_api/export/page.py: each line is base64 by itself, of one gzip stream. */
async function lines(events: unknown, cut = Infinity): Promise<string> {
  const text = new Response(JSON.stringify(events)).body;
  if (text === null) throw new Error("There is no text.");
  const packed = await new Response(text.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  const bytes = [...new Uint8Array(packed)].slice(0, cut);
  const half = Math.floor(bytes.length / 2);
  return [bytes.slice(0, half), bytes.slice(half)]
    .map((each) => `${btoa(String.fromCharCode(...each))}\n`)
    .join("");
}

function file(...windows: [string, string][]): Document {
  const detail = aDetail({
    windows: [
      aWindow({ window_id: "late", first_at: T0 + 5 }),
      aWindow({ window_id: "early", first_at: T0 }),
    ],
  });
  const blocks = windows.map(
    ([name, text]) => `<script type="application/gzip" data-playhead-window="${name}">\n${text}</script>`,
  );
  return new DOMParser().parseFromString(
    `<script type="application/json" id="playhead-session">\n${JSON.stringify(detail)}\n</script>${blocks.join("\n")}`,
    "text/html",
  );
}

// jsdom's own cannot be streamed; that of a response can.
beforeEach(async () => {
  vi.stubGlobal("Blob", (await new Response("").blob()).constructor);
});

describe("an exported file", () => {
  it("gives its session, and of its windows those that it holds, the first opened first", () => {
    const both = file(["late", ""], ["early", ""]);
    const session = sessionIn(both);
    expect(session.session_id).toBe(aDetail().session_id);
    expect(windowsIn(both, session).map(({ window_id }) => window_id)).toEqual(["early", "late"]);
    expect(windowsIn(file(["late", ""]), session).map(({ window_id }) => window_id)).toEqual(["late"]);
  });

  it("gives a window's events as they were", async () => {
    const both = file(["early", await lines([])], ["late", await lines(EVENTS)]);
    expect(await eventsIn(both, "late")).toEqual(EVENTS);
    expect(await eventsIn(both, "early")).toEqual([]);
  });

  it("that is cut off says so", async () => {
    await expect(eventsIn(file(["early", await lines(EVENTS, 60)]), "early")).rejects.toThrow(
      /end of file|terminated|premature/i,
    );
    await expect(eventsIn(file(["early", await lines(EVENTS)]), "late")).rejects.toThrow("no window late");
    expect(() => sessionIn(document.implementation.createHTMLDocument())).toThrow("no session");
  });
});
