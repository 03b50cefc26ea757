import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { namedInPage } from "./namedInPage.ts";

export default defineConfig({
  base: "/",
  plugins: [react(), namedInPage("/src/main.tsx")],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // The query API serves the dashboard under `script-src 'self'`: nothing may end up inline in the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: { "/v1": "http://127.0.0.1:8082" },
  },
});
