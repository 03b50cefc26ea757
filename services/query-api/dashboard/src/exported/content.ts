// What an exported file holds, as the query API wrote it (query_api/export/page.py): the session as the API answers it,
// and the events of each window as lines of base64 of one gzip stream of one JSON array.
import type { eventWithTime } from "@rrweb/types";
import type { SessionDetail, SessionWindow } from "../api/types";

/** @throws Error where the file is cut off before its session */
export function sessionIn(file: Document): SessionDetail {
  const text = file.querySelector("script#playhead-session")?.textContent;
  if (text === undefined) throw new Error("The file holds no session.");
  return JSON.parse(text) as SessionDetail;
}

/** The windows that are in the file, the first opened first. */
export function windowsIn(file: Document, session: SessionDetail): SessionWindow[] {
  const held = new Set([...blocks(file)].map((block) => block.dataset.playheadWindow));
  return session.windows
    .filter((window) => held.has(window.window_id))
    .sort((one, other) => one.first_at - other.first_at);
}

/** @throws Error where the file is cut off within the window, or holds none of that name */
export async function eventsIn(file: Document, window: string): Promise<eventWithTime[]> {
  const block = [...blocks(file)].find((each) => each.dataset.playheadWindow === window);
  if (block === undefined) throw new Error(`The file holds no window ${window}.`);
  const packed = new Blob(linesOf(block.textContent).map(bytesOf));
  const text = await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).text();
  return JSON.parse(text) as eventWithTime[];
}

function blocks(file: Document): NodeListOf<HTMLElement> {
  return file.querySelectorAll<HTMLElement>("script[data-playhead-window]");
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
