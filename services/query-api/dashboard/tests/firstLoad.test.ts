// @vitest-environment node
// What a browser loads before a replay is opened: the page, what it names, and what these import at once or when the
// list is shown. All but what only the replay needs.
import { build, type Rolldown } from "vite";
import { afterEach, expect, it, vi } from "vitest";

const GOAL_BYTES = 200_000;
const ROOT = new URL("..", import.meta.url).pathname;
/** Its code is loaded when a session is opened. */
const REPLAY = "/src/replay/Replay.tsx";

// Else React comes as it is for tests, which is half as large again as what is served.
afterEach(() => {
  vi.unstubAllEnvs();
});

async function built(): Promise<Map<string, Rolldown.OutputChunk | Rolldown.OutputAsset>> {
  vi.stubEnv("NODE_ENV", "production");
  const result = await build({ root: ROOT, logLevel: "error", build: { write: false } });
  if (!("output" in result)) throw new Error("One build was asked for.");
  return new Map(result.output.map((file) => [file.fileName, file]));
}

async function compressed(content: string | Uint8Array): Promise<number> {
  const stream = new Blob([content as BlobPart]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
}

it("is no more than 200 KB, compressed", async () => {
  const files = await built();
  const chunk = (name: string): Rolldown.OutputChunk => {
    const file = files.get(name);
    if (file?.type !== "chunk") throw new Error(`There is no chunk ${name}.`);
    return file;
  };
  const loaded = new Set<string>(["index.html"]);
  const load = (name: string): void => {
    if (loaded.has(name)) return;
    loaded.add(name);
    const { imports, dynamicImports, viteMetadata } = chunk(name);
    for (const style of viteMetadata?.importedCss ?? []) loaded.add(style);
    imports.forEach(load);
    // The chart's code is fetched as soon as there is something to draw, so it counts.
    dynamicImports.filter((each) => !chunk(each).facadeModuleId?.endsWith(REPLAY)).forEach(load);
  };
  const entries = [...files.values()].filter((file) => file.type === "chunk" && file.isEntry);
  entries.forEach(({ fileName }) => {
    load(fileName);
  });

  const bytes: [string, number][] = [];
  for (const name of loaded) {
    const file = files.get(name);
    if (file === undefined) throw new Error(`There is no file ${name}.`);
    bytes.push([name, await compressed(file.type === "chunk" ? file.code : file.source)]);
  }
  const code = (name: string) => chunk(name).moduleIds.join(" ");
  const scripts = [...loaded].filter((name) => name.endsWith(".js"));
  // What is counted is what it is said to be: the chart is in it, and the player is not.
  expect(entries).toHaveLength(1);
  expect(scripts.some((name) => code(name).includes("/uplot/"))).toBe(true);
  expect(scripts.some((name) => code(name).includes("/rrweb/"))).toBe(false);
  expect([...files.keys()].some((name) => name.endsWith(".js") && !loaded.has(name))).toBe(true);
  // The page itself names what is drawn first, so that it does not wait for the script that imports it.
  const page = files.get("index.html");
  const html = page?.type === "asset" ? String(page.source) : "";
  const drawn = scripts.filter((name) => code(name).includes("/src/App.tsx"));
  expect(drawn).toHaveLength(1);
  expect(html).toContain(`<link rel="modulepreload" crossorigin href="/${drawn[0] ?? ""}">`);
  for (const style of chunk(drawn[0] ?? "").viteMetadata?.importedCss ?? []) {
    expect(html).toContain(`<link rel="stylesheet" crossorigin href="/${style}">`);
  }
  const sum = bytes.reduce((total, [, each]) => total + each, 0);
  expect(sum, JSON.stringify(bytes)).toBeLessThanOrEqual(GOAL_BYTES);
  expect(sum).toBeGreaterThan(50_000);
});
