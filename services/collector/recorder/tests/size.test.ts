// The script as a page loads it: built as `make build` does, and gzipped.
import { build } from "vite";
import { expect, it } from "vitest";

/** Of the gzipped script. rrweb's recorder alone is three quarters of it. */
const MAX_BYTES = 32_000;

async function built(): Promise<string> {
  const root = decodeURIComponent(new URL("..", import.meta.url).pathname);
  const result = await build({ root, logLevel: "silent", build: { write: false } });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    "output" in one ? one.output : [],
  );
  const script = outputs.find((output) => output.type === "chunk");
  if (script === undefined) throw new Error("the build made no script");
  return script.code;
}

async function gzippedBytes(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

it("is small, and holds nothing that it never uses", async () => {
  const script = await built();
  // What it cannot be without, so that this is not about an empty file.
  for (const used of ["playhead", "adoptedStyleSheets", "/v1/batches"]) expect(script).toContain(used);
  for (const unused of ["createImageBitmap", "webgl", "CanvasRenderingContext2D", "new Worker"])
    expect(script).not.toContain(unused);
  expect(await gzippedBytes(script)).toBeLessThanOrEqual(MAX_BYTES);
}, 60_000);
