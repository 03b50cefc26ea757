// Two builds. `vite build`: recorder.js, one classic script, of which nothing becomes a global but window.playhead.
// `vite build --mode package`: the npm package, the same as a module.
import ts from "typescript";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { rrwebAsWeNeedIt } from "./rrweb.ts";

export default defineConfig(({ mode }) => ({
  plugins: [rrwebAsWeNeedIt(), ...(mode === "package" ? [declarations()] : [])],
  build: {
    target: "es2020",
    sourcemap: true,
    // The package is built first.
    emptyOutDir: mode === "package",
    lib:
      mode === "package"
        ? { entry: "src/index.ts", formats: ["es"], fileName: () => "index.js" }
        : {
            entry: "src/main.ts",
            formats: ["iife"],
            name: "playheadRecorder",
            fileName: () => "recorder.js",
          },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    // Tests are of rrweb as we build it in, too.
    server: { deps: { inline: ["@rrweb/record"] } },
    unstubGlobals: true,
    restoreMocks: true,
  },
}));

/** src/index.ts names every type that it shows, so its declarations stand in one file. */
function declarations(): Plugin {
  return {
    name: "playhead-declarations",
    generateBundle() {
      const path = decodeURIComponent(new URL("src/index.ts", import.meta.url).pathname);
      const source = ts.sys.readFile(path) ?? this.error(`${path} cannot be read`);
      const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, { fileName: "index.ts" });
      if (diagnostics.length > 0) this.error("src/index.ts shows a type that it does not name");
      this.emitFile({ type: "asset", fileName: "index.d.ts", source: outputText });
    },
  };
}
