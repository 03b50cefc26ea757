// The script as a page loads it: built as `make build` does, and gzipped.
import { expect, it } from "vitest";
import { built } from "./built";

/** Of the gzipped script. rrweb's recorder alone is three quarters of it. */
const MAX_BYTES = 32_000;

async function gzippedBytes(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

it("is small, and holds nothing that it never uses", async () => {
  const script = (await built("production")).get("recorder.js") ?? "";
  // What it cannot be without, so that this is not about an empty file.
  for (const used of ["playhead", "adoptedStyleSheets", "/v1/batches"]) expect(script).toContain(used);
  for (const unused of ["createImageBitmap", "webgl", "CanvasRenderingContext2D", "new Worker"])
    expect(script).not.toContain(unused);
  expect(await gzippedBytes(script)).toBeLessThanOrEqual(MAX_BYTES);
}, 60_000);
