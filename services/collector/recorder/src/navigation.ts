// Where an app goes without loading a page: history.pushState and replaceState, back and forward, and the part of
// the address behind #.
import { replaceFunction } from "./replaced";
import { safely } from "./safely";

/** The custom event's tag; its payload is `{ href, kind }`. */
export const URL_CHANGE = "url-change";

/** How the address changed. */
export type Kind = "push" | "replace" | "pop" | "hash";

/** @param changed called after each change of the address @returns ends it, and restores the page */
export function followNavigation(changed: (href: string, kind: Kind) => void): () => void {
  let href = location.href;
  const look = safely("following the address", (kind: Kind) => {
    if (location.href === href) return;
    href = location.href;
    changed(href, kind);
  });
  const onPop = () => {
    look("pop");
  };
  const onHash = () => {
    look("hash");
  };
  const ends = [replaceHistory("pushState", "push", look), replaceHistory("replaceState", "replace", look)];
  addEventListener("popstate", onPop, true);
  addEventListener("hashchange", onHash, true);
  return () => {
    for (const end of ends) end?.();
    removeEventListener("popstate", onPop, true);
    removeEventListener("hashchange", onHash, true);
  };
}

type Change = History["pushState"];

function replaceHistory(name: "pushState" | "replaceState", kind: Kind, look: (kind: Kind) => void) {
  // A page may have put its own on the object; the browser's is on the prototype.
  const target = Object.prototype.hasOwnProperty.call(history, name) ? history : History.prototype;
  return replaceFunction<typeof name, Change>(target, name, (own, isOn) => {
    return function (this: History, ...args: Parameters<Change>) {
      own.apply(this, args);
      if (isOn()) look(kind);
    };
  });
}
