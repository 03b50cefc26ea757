// The npm package as a site's bundler and a site's TypeScript see it.
import ts from "typescript";
import { beforeAll, describe, expect, it } from "vitest";
import manifest from "../package.json";
import { built } from "./built";

let files: Map<string, string>;

beforeAll(async () => {
  files = await built("package");
}, 60_000);

const HERE = decodeURIComponent(new URL(".", import.meta.url).pathname);

const GOOD = `
  import { start, stop, event, consent, optOut, optIn, type Options } from "./recorder";
  const options: Options = {
    key: "write-key-1", endpoint: "https://collector.example", consent: "required", maskText: true,
    unmask: ".public", signals: ["gpc"], sample: 0.5, allow: ["/shop*"], deny: ["/account*"],
    scrub: ["order"], errors: true,
  };
  const nothing: void[] = [start(options), start(), event("chat", { text: "hello" }), event("opened"),
    consent(true), optOut(), optIn(), stop()];
  export default nothing;
`;
const BAD: [string, string, RegExp][] = [
  [
    "a start without a key",
    `import { start } from "./recorder"; start({ endpoint: "/" });`,
    /'key' is missing/,
  ],
  [
    "an unknown option",
    `import { start } from "./recorder"; start({ key: "k", endpoint: "/", mask: 1 });`,
    /'mask'/,
  ],
  [
    "an unknown signal",
    `import type { Options } from "./recorder"; export const s: Options["signals"] = ["tcf"];`,
    /tcf/,
  ],
  ["a name that is no text", `import { event } from "./recorder"; event(1);`, /'number'/],
  ["what is not there", `import { record } from "./recorder"; record();`, /no exported member/],
];

/** What TypeScript says of each of a site's modules, which stand beside the package's declarations. */
function errorsOf(sources: string[]): string[][] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    lib: ["lib.es2020.d.ts"],
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  };
  const own = new Map(sources.map((source, i) => [`${HERE}site${i}.ts`, source]));
  const sites = [...own.keys()];
  own.set(`${HERE}recorder.d.ts`, files.get("index.d.ts") ?? "");
  const host = ts.createCompilerHost(options);
  const disk = { ...host };
  host.fileExists = (name) => own.has(name) || disk.fileExists(name);
  host.readFile = (name) => own.get(name) ?? disk.readFile(name);
  host.getSourceFile = (name, language) => {
    const text = own.get(name);
    return text === undefined
      ? disk.getSourceFile(name, language)
      : ts.createSourceFile(name, text, language);
  };
  const program = ts.createProgram(sites, options, host);
  const found = ts.getPreEmitDiagnostics(program);
  // What is wrong with the declarations themselves is wrong for every site.
  const inSite = (name: string) =>
    found.filter(({ file }) => file?.fileName === name || !sites.includes(file?.fileName ?? ""));
  return sites.map((name) =>
    inSite(name).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")),
  );
}

describe("@playhead/recorder", () => {
  it("has where package.json says it is", () => {
    const { types, import: module } = manifest.exports["."];
    expect([...files.keys()].sort()).toEqual(["index.d.ts", "index.js"]);
    expect([types, module]).toEqual(["./dist/index.d.ts", "./dist/index.js"]);
    expect(manifest.types).toBe(types);
    expect(manifest.files).toContain("dist");
    expect(manifest).not.toHaveProperty("dependencies");
  });

  it("needs no other package: rrweb is in it, as we need it", () => {
    const imported = ts
      .preProcessFile(files.get("index.js") ?? "")
      .importedFiles.map(({ fileName }) => fileName);
    expect(imported).toEqual([]);
    expect(files.get("index.js")).toContain("endWaiting");
  });

  it("has types that a strict site compiles against, without the DOM's, and that refuse what is wrong", () => {
    const [good, ...bad] = errorsOf([GOOD, ...BAD.map(([, source]) => source)]);
    expect(good).toEqual([]);
    for (const [i, [what, , said]] of BAD.entries()) {
      expect(bad[i], what).toHaveLength(1);
      expect(bad[i]?.[0], what).toMatch(said);
    }
  }, 60_000);
});
