// Adapts style sheets beside the page: a sheet comes in, and goes out with what it becomes.
import { adaptCssForReplay, createCache } from "rrweb-snapshot";

addEventListener("message", ({ data: sheet }: MessageEvent<string>) => {
  postMessage([sheet, adaptCssForReplay(sheet, createCache())] satisfies [string, string]);
});
