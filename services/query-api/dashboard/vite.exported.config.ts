// The player of exported HTML files: one script and one style sheet, which the query API writes into each file.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  publicDir: false,
  define: { "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "dist/exported",
    emptyOutDir: true,
    // A file has nothing beside it.
    assetsInlineLimit: Infinity,
    chunkSizeWarningLimit: 900,
    lib: {
      entry: "src/exported/main.tsx",
      name: "playheadExported",
      formats: ["iife"],
      fileName: () => "player.js",
      cssFileName: "player",
    },
  },
});
