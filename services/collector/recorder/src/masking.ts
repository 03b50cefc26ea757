// What of a page is hidden, and how: the rules for inputs and text that rrweb is given. The elements themselves
// say the rest: rr-block, rr-mask, rr-ignore, data-private.
import { notice } from "./notice";
import type { Settings } from "./settings";

/**
 * Every kind of input that holds what a visitor typed, chose or carries. rrweb's own maskAllInputs leaves
 * hidden inputs (tokens) and file names in clear, so the list is ours. Radio buttons and checkboxes keep
 * their values, which the page wrote.
 */
export const MASKED_INPUTS = {
  color: true,
  date: true,
  "datetime-local": true,
  email: true,
  file: true,
  hidden: true,
  month: true,
  number: true,
  password: true,
  range: true,
  search: true,
  select: true,
  tel: true,
  text: true,
  textarea: true,
  time: true,
  url: true,
  week: true,
};

/** Inputs whose value is the page's own text, or one of several that the page wrote. */
export const PAGES_OWN: ReadonlySet<string> = new Set([
  "button",
  "submit",
  "reset",
  "image",
  "radio",
  "checkbox",
]);

/** Not recorded but for their size, as rr-block. */
export const BLOCKED = '[data-private]:not([data-private="mask"])';
const BLOCKED_HERE = `.rr-block,${BLOCKED}`;
/** Text that an element asks to have masked; no unmask list reaches it. */
const MASKED = '.rr-mask,[data-private="mask"]';
/** Where visitors write text that is no input's value. The fallback text of a textarea counts as well. */
const WRITTEN = 'textarea,[contenteditable]:not([contenteditable="false"])';

export interface Masking {
  /** Of rrweb: text inside of these is handed to `text`. */
  textSelector: string;
  text(text: string, element: Element | null): string;
  /** The value of an input, textarea or select. */
  input(value: string, element: Element): string;
  /** Is what the page itself wrote in the element masked, such as its title? */
  isTextMasked(element: Element): boolean;
  /** Is what the visitor wrote in it to be seen as it is? */
  isClear(element: Element): boolean;
}

/**
 * @param maskAllText the connection or the tag asks for it
 * @param wasPassword of a field whose password the page shows
 */
export function maskingOf(
  maskAllText: boolean,
  unmask: Settings["unmask"],
  wasPassword: (element: Element) => boolean,
): Masking {
  const readable = unmask === "" || isSelector(unmask);
  if (!readable) notice(`"${unmask}" is no CSS selector: nothing is unmasked`);
  const clear = (element: Element) =>
    readable && unmask !== "" && within(element, unmask) && !within(element, MASKED);
  const isClear = (element: Element) => !isSecret(element) && !wasPassword(element) && clear(element);
  return {
    textSelector: maskAllText ? "*" : `${MASKED},${WRITTEN}`,
    text: (text, element) => (element !== null && isClear(element) ? text : stars(text)),
    input(value, element) {
      const type = (element as Partial<HTMLInputElement>).type ?? "";
      if (PAGES_OWN.has(type)) return value;
      if (isClear(element)) return value;
      // Stars are no number: a field of numbers would be shown empty.
      return type === "number" || type === "range" ? "0".repeat(value.length) : "*".repeat(value.length);
    },
    isTextMasked: (element) => (maskAllText ? !clear(element) : within(element, MASKED)),
    isClear,
  };
}

/** Is the element, or one around it, such a one? Looks out of shadow roots. */
export function within(element: Element, selector: string): boolean {
  for (let inner: Element | null = element; inner !== null;) {
    if (inner.closest(selector) !== null) return true;
    const root = inner.getRootNode();
    inner = "host" in root ? (root as ShadowRoot).host : null;
  }
  return false;
}

export function isBlocked(element: Element): boolean {
  return within(element, BLOCKED_HERE);
}

/** Passwords, one-time codes and cards: no list can unmask them. */
function isSecret(element: Element): boolean {
  if ((element as Partial<HTMLInputElement>).type === "password") return true;
  return /(^|\s)(current-password|new-password|one-time-code|cc-\S+)(\s|$)/i.test(
    element.getAttribute("autocomplete") ?? "",
  );
}

export function stars(text: string): string {
  return text.replace(/\S/g, "*");
}

function isSelector(text: string): boolean {
  try {
    document.createDocumentFragment().querySelector(text);
    return true;
  } catch {
    return false;
  }
}
