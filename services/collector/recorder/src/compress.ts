// gzip by the browser's CompressionStream, which works in small pieces beside the page's own work.
import type { Batch } from "./batch";

/** Compresses a batch's body in place. Where the browser cannot, the body stays as it is. */
export async function compress(batch: Batch): Promise<void> {
  if (batch.body.encoding !== "identity" || typeof CompressionStream !== "function") return;
  try {
    const stream = new Blob([batch.body.text]).stream().pipeThrough(new CompressionStream("gzip"));
    batch.body = { encoding: "gzip", bytes: new Uint8Array(await new Response(stream).arrayBuffer()) };
  } catch {
    // Uncompressed is only larger.
  }
}
