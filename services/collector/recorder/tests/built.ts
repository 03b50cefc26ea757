// What a build makes, without writing it anywhere.
import { build } from "vite";

/** @returns the files' names and texts, maps left out */
export async function built(mode: "production" | "package"): Promise<Map<string, string>> {
  const root = decodeURIComponent(new URL("..", import.meta.url).pathname);
  const result = await build({ root, mode, logLevel: "silent", build: { write: false } });
  const outputs = (Array.isArray(result) ? result : [result]).flatMap((one) =>
    "output" in one ? one.output : [],
  );
  const files = outputs.filter(({ fileName }) => !fileName.endsWith(".map"));
  return new Map(
    files.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source.toString()]),
  );
}
