// Debian's Chromium, with a fresh profile for each launch.
import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export function findChromium(): string {
  const asked = process.env.PLAYHEAD_CHROMIUM;
  const found = (asked === undefined ? PLACES : [asked]).find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error(
    asked === undefined
      ? "no Chromium is installed: `apt-get install chromium`, or set PLAYHEAD_CHROMIUM to one"
      : `PLAYHEAD_CHROMIUM is ${asked}, and no file is there`,
  );
}

/** @param hosts names that this browser knows besides the machine's own, each with host:port */
export function launchChromium(hosts: Record<string, string> = {}): Promise<Browser> {
  const rules = Object.entries(hosts).map(([name, address]) => `MAP ${name}:80 ${address}`);
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(",")}`] : []),
    ],
  });
}
