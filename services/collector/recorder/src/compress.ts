// gzip by the browser's CompressionStream, which works in small pieces beside the page's own work.
import type { Batch } from "./batch";

/** Compresses a batch's body in place. Where the browser cannot, the body stays as it is. */
export async function compress(batch: Batch): Promise<void> {
  if (batch.body.encoding !== "identity" || typeof CompressionStream !== "function") return;
  const { text } = batch.body;
  try {
    // A task of its own: the one that recorded may have taken a snapshot, and be long already.
    await new Promise((resolve) => setTimeout(resolve));
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    batch.body = { encoding: "gzip", bytes: new Uint8Array(await new Response(stream).arrayBuffer()) };
  } catch {
    // Uncompressed is only larger.
  }
}

export async function textOf(batch: Batch): Promise<string> {
  if (batch.body.encoding === "identity") return batch.body.text;
  const stream = new Blob([batch.body.bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}
