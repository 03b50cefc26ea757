// One classic script: a site pastes one tag, and nothing of ours becomes a global but window.playhead.
import { defineConfig } from "vitest/config";
import { stripped } from "./stripped.ts";

export default defineConfig({
  plugins: [stripped()],
  build: {
    target: "es2020",
    sourcemap: true,
    lib: {
      entry: "src/main.ts",
      formats: ["iife"],
      name: "playheadRecorder",
      fileName: () => "recorder.js",
    },
  },
  test: {
    include: ["tests/**/*.test.ts"],
    unstubGlobals: true,
    restoreMocks: true,
  },
});
