// Which pages of a site are recorded: data-allow and data-deny. Pure.
import { matcherOf } from "./patterns";

/**
 * A pattern that begins with / is a path; any other begins with the host: `/account*`, `shop.example/help/*`.
 * Query and scheme do not count. A page of the deny list is never recorded; where there is an allow list,
 * only its pages are. A page inside an app whose address is kept behind # is a path as well: `#/account`.
 */
export function pageRule(allow: readonly string[], deny: readonly string[]): (href: string) => boolean {
  const allowed = matcherOf(allow);
  const denied = matcherOf(deny);
  return (href) => {
    const names = namesOf(href);
    return !names.some(denied) && (allow.length === 0 || names.some(allowed));
  };
}

function namesOf(href: string): string[] {
  try {
    const { host, pathname, hash } = new URL(href);
    const path = safelyDecoded(pathname);
    const route = hash.replace(/\?.*$/s, "");
    return [path, host + path, ...(route === "" ? [] : [route, path + route, host + path + route])];
  } catch {
    return [href];
  }
}

/** /%61ccount is /account, to the server too. */
function safelyDecoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
