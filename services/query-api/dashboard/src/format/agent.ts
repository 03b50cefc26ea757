// Which sign stands for a browser and an operating system. The names are ua-parser's families, as the API
// gives them.

export type BrowserSign = "chrome" | "edge" | "firefox" | "opera" | "safari" | "samsung" | "other";
export type OsSign = "android" | "apple" | "chrome-os" | "linux" | "windows" | "other";

// The first that fits: "Edge Mobile" is Edge, "Samsung Internet" no Chrome, "Chrome Mobile iOS" Chrome.
const BROWSERS: [RegExp, BrowserSign][] = [
  [/\bedge\b/i, "edge"],
  [/\bopera\b/i, "opera"],
  [/\bsamsung\b/i, "samsung"],
  [/\bfirefox\b/i, "firefox"],
  [/chrom(e|ium)\b/i, "chrome"],
  [/\bsafari\b/i, "safari"],
];

const SYSTEMS: [RegExp, OsSign][] = [
  [/^windows\b/i, "windows"],
  [/^(mac\b|macos\b|ios\b|ipados\b|tvos\b)/i, "apple"],
  [/^android\b/i, "android"],
  [/^(chrome ?os|chromium ?os)\b/i, "chrome-os"],
  [/linux|ubuntu|fedora|debian|red hat|suse|mint|gentoo|centos|arch\b/i, "linux"],
];

export function browserSign(browser: string): BrowserSign {
  return BROWSERS.find(([name]) => name.test(browser))?.[1] ?? "other";
}

export function osSign(os: string): OsSign {
  return SYSTEMS.find(([name]) => name.test(os))?.[1] ?? "other";
}
